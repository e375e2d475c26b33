import { Button, Checkbox, Skeleton } from '@mantine/core';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { createColumnHelper, type RowSelectionState, rowSelectionFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { type ReactNode, useMemo, useState } from 'react';
import type { Page } from '../app/api.ts';
import { useTexts } from '../app/language.tsx';
import classes from './data-table.module.css';
import { Empty } from './empty.tsx';
import { Problem } from './problem.tsx';
import { texts } from './texts.ts';

const features = tableFeatures({ rowSelectionFeature, columnMeta: {} as { readonly hideBelow?: 'sm' | 'md' | 'lg' } });

export interface Column<Item> {
  readonly id: string;
  readonly header: string;
  readonly cell: (item: Item) => ReactNode;
  /** Left out on narrower screens: what matters most stays. */
  readonly hideBelow?: 'sm' | 'md' | 'lg';
}

/** A list of the API, page after page. */
export type PagesResult<Item> = UseInfiniteQueryResult<InfiniteData<Page<Item>>>;

interface Props<Item> {
  /** What the table lists, for screen readers. */
  readonly label: string;
  /** The first one names the row and opens it. */
  readonly columns: readonly Column<Item>[];
  readonly pages: PagesResult<Item>;
  readonly idOf: (item: Item) => string;
  readonly nameOf: (item: Item) => string;
  readonly onOpen?: (item: Item) => void;
  readonly openId?: string | undefined;
  /** Makes rows selectable: what can be done with those that are. */
  readonly bulk?: (selected: readonly Item[], clear: () => void) => ReactNode;
  /** Shown where there is nothing at all. */
  readonly empty: ReactNode;
  /** Given while filters are set: nothing there is then no empty list. */
  readonly onClearFilters?: (() => void) | undefined;
}

const noItems: never[] = [];

/** Every list of the console: loading, empty, failed and filled; pages, selection, opening by mouse and keyboard. */
export const DataTable = <Item extends object>(props: Props<Item>) => {
  const { label, columns, pages, idOf, nameOf, onOpen, openId, bulk, empty, onClearFilters } = props;
  const t = useTexts(texts);
  const [rowSelection, setRowSelection] = useState<RowSelectionState>({});
  const data = useMemo(() => pages.data?.pages.flatMap(({ items }) => items) ?? noItems, [pages.data]);
  const tableColumns = useMemo(() => {
    const helper = createColumnHelper<typeof features, Item>();
    return columns.map(({ id, header, cell, hideBelow }) =>
      helper.display({
        id,
        header,
        cell: ({ row }) => cell(row.original),
        meta: hideBelow === undefined ? {} : { hideBelow },
      }),
    );
  }, [columns]);
  const table = useTable({
    features,
    columns: tableColumns,
    data,
    getRowId: idOf,
    enableRowSelection: bulk !== undefined,
    state: { rowSelection },
    onRowSelectionChange: setRowSelection,
  });
  const rows = table.getRowModel().rows;
  const selected = rows.filter((row) => row.getIsSelected()).map(({ original }) => original);
  const clear = () => setRowSelection({});
  const { total, totalIsEstimate = false } = pages.data?.pages[0] ?? {};

  if (pages.isError && pages.data === undefined) {
    return <Problem error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (pages.isPending) {
    return (
      <div className={classes.frame} role="status" aria-label={t.loading}>
        {[0, 1, 2, 3, 4].map((row) => (
          <Skeleton key={row} height={14} m="lg" width={`${90 - row * 9}%`} />
        ))}
      </div>
    );
  }
  if (rows.length === 0) {
    return (
      <div className={classes.frame}>
        {pages.hasNextPage ? (
          // Where filters are combined the server looks at so many rows at a time, and tells where it has stopped.
          <Empty
            title={t.noneSoFar}
            action={
              <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
                {t.lookFurther}
              </Button>
            }
          />
        ) : onClearFilters === undefined ? (
          empty
        ) : (
          <Empty
            title={t.noMatch}
            action={
              <Button variant="default" onClick={onClearFilters}>
                {t.clearFilters}
              </Button>
            }
          />
        )}
      </div>
    );
  }
  return (
    <>
      <Problem error={pages.error} onRetry={() => void pages.refetch()} />
      <div className={classes.frame}>
        {selected.length > 0 && bulk !== undefined && (
          <div className={classes.bulk} role="toolbar" aria-label={t.selected(selected.length)}>
            <strong>{t.selected(selected.length)}</strong>
            {bulk(selected, clear)}
            <Button variant="subtle" color="gray" size="compact-sm" ml="auto" onClick={clear}>
              {t.clearSelection}
            </Button>
          </div>
        )}
        <table className={classes.table} aria-label={label}>
          <thead>
            <tr>
              {bulk !== undefined && (
                <th className={classes.check}>
                  <Checkbox
                    size="xs"
                    aria-label={t.selectAll}
                    checked={selected.length === rows.length}
                    indeterminate={selected.length > 0 && selected.length < rows.length}
                    onChange={table.getToggleAllRowsSelectedHandler()}
                  />
                </th>
              )}
              {table.getFlatHeaders().map((header) => (
                <th key={header.id} scope="col" data-hide-below={header.column.columnDef.meta?.hideBelow}>
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              // The button in the first cell is for the keyboard; a click anywhere in the row is the larger target.
              <tr
                key={row.id}
                data-open={row.id === openId || undefined}
                data-selected={row.getIsSelected() || undefined}
                data-opens={onOpen !== undefined || undefined}
                onClick={(event) => {
                  const onControl = event.target instanceof Element && event.target.closest('button, a, input, label') !== null;
                  if (!onControl && window.getSelection()?.isCollapsed !== false) onOpen?.(row.original);
                }}
              >
                {bulk !== undefined && (
                  <td className={classes.check}>
                    <Checkbox
                      size="xs"
                      aria-label={t.selectRow(nameOf(row.original))}
                      checked={row.getIsSelected()}
                      onChange={row.getToggleSelectedHandler()}
                    />
                  </td>
                )}
                {row.getAllCells().map((cell, index) => (
                  <td key={cell.id} data-hide-below={cell.column.columnDef.meta?.hideBelow}>
                    {index === 0 && onOpen !== undefined ? (
                      <button type="button" className={classes.open} onClick={() => onOpen(row.original)}>
                        <table.FlexRender cell={cell} />
                      </button>
                    ) : (
                      <table.FlexRender cell={cell} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        <footer className={classes.foot}>
          <span role="status">
            {pages.hasNextPage && total !== undefined && total > rows.length
              ? t.shownOf(rows.length, total, totalIsEstimate)
              : t.shown(rows.length, pages.hasNextPage)}
          </span>
          {pages.hasNextPage && (
            <Button
              variant="default"
              size="compact-sm"
              loading={pages.isFetchingNextPage}
              onClick={() => void pages.fetchNextPage()}
            >
              {t.loadMore}
            </Button>
          )}
        </footer>
      </div>
    </>
  );
};
