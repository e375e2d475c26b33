import type { FastifyReply } from 'fastify';
import { sendTextPage } from '../http/text-page.ts';

const pages = {
  agent_needed: {
    status: 403,
    title: 'This sign-in only works with the Latchkey agent',
    text: 'Devices of this organization sign in by themselves. This one has no Latchkey agent, or the browser was sent here instead of it. Ask your administrator to enroll the device.',
  },
  request_refused: {
    status: 400,
    title: 'The sign-in request was refused',
    text: 'The application has sent a request that cannot be answered. Give the id below to the administrator of the application.',
  },
} as const;

/** A page for a person who came with a browser. */
export const sendPage = (reply: FastifyReply, page: keyof typeof pages): FastifyReply => sendTextPage(reply, pages[page]);
