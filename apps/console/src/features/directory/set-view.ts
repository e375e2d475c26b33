import type { DepartmentView, GroupView } from '@latchkey/contract';

/** A group, or a department, which has no `system`. */
export type SetView = DepartmentView & Partial<Pick<GroupView, 'system'>>;
