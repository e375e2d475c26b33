import { apiKeyAreas, areas, operatorAreas, organizationAreas } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { areasOf, withoutScope } from './areas.ts';

test('every area that the server knows of is shown where it belongs', () => {
  expect(areasOf.organization.toSorted()).toEqual(organizationAreas.toSorted());
  expect(areasOf.operator.toSorted()).toEqual(operatorAreas.toSorted());
  expect(withoutScope.toSorted()).toEqual(areas.filter((area) => !apiKeyAreas.some((each) => each === area)).toSorted());
});
