/** Starts listening on a port of the system's choice, and prints what a client needs: {"base": ..., "token": ...}. */
export const listen = (server, describe) => {
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`${JSON.stringify(describe(`http://127.0.0.1:${server.address().port}`))}\n`);
  });
};

export const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};
