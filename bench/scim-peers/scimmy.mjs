/** SCIMMY with its routers, over maps in memory: nothing is durable, and what has an index here is found by it. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import express from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import { listen } from './listen.mjs';

const TOKEN = 'bench-token';

const keep = (Resource, uniqueName) => {
  const byId = new Map();
  const byName = new Map();
  SCIMMY.Resources.declare(Resource)
    .ingress((resource, data) => {
      const name = String(data[uniqueName]).toLowerCase();
      const before = resource.id === undefined ? undefined : byId.get(resource.id);
      if (resource.id !== undefined && before === undefined) throw new SCIMMY.Types.Error(404, null, 'not found');
      const other = byName.get(name);
      if (other !== undefined && other.id !== resource.id) throw new SCIMMY.Types.Error(409, 'uniqueness', 'it is taken');
      const now = new Date();
      const kept = {
        ...data,
        id: resource.id ?? randomUUID(),
        meta: { created: before?.meta.created ?? now, lastModified: now },
      };
      if (before !== undefined) byName.delete(String(before[uniqueName]).toLowerCase());
      byId.set(kept.id, kept);
      byName.set(name, kept);
      return kept;
    })
    .egress((resource) => {
      if (resource.id !== undefined) {
        const found = byId.get(resource.id);
        if (found === undefined) throw new SCIMMY.Types.Error(404, null, 'not found');
        return found;
      }
      const wanted = resource.filter?.[0]?.[uniqueName];
      if (resource.filter?.length === 1 && wanted?.[0] === 'eq') {
        const found = byName.get(String(wanted[1]).toLowerCase());
        return found === undefined ? [] : [found];
      }
      return [...byId.values()];
    })
    .degress((resource) => {
      const found = byId.get(resource.id);
      if (found === undefined) throw new SCIMMY.Types.Error(404, null, 'not found');
      byId.delete(resource.id);
      byName.delete(String(found[uniqueName]).toLowerCase());
    });
};

keep(SCIMMY.Resources.User, 'userName');
keep(SCIMMY.Resources.Group, 'displayName');

const app = express();
app.use(
  '/scim/v2',
  new SCIMMYRouters({
    type: 'bearer',
    handler: (request) => {
      if (request.get('authorization') !== `Bearer ${TOKEN}`) throw new Error('not authorized');
      return 'bench';
    },
  }),
);
listen(createServer(app), (origin) => ({ base: `${origin}/scim/v2`, token: TOKEN }));
