import { useSession } from '../session.ts';
import { type AreaPage, operatorAreas, organizationAreas, type RailArea } from './areas.ts';

export interface VisibleArea extends RailArea {
  readonly visible: readonly AreaPage[];
}

/** The areas of the organization, or of the operators, that this administrator may see, and what their paths are below. */
export const useAreas = (organization: string | undefined): { readonly base: string; readonly areas: readonly VisibleArea[] } => {
  const { permissions } = useSession();
  const areas = (organization === undefined ? operatorAreas : organizationAreas).flatMap((area): readonly VisibleArea[] => {
    const visible = area.pages.filter(({ needs }) => needs === null || (permissions?.[needs] ?? 'none') !== 'none');
    return visible.length === 0 ? [] : [{ ...area, visible }];
  });
  return { base: organization === undefined ? '/operator' : `/o/${organization}`, areas };
};
