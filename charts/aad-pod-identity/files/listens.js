// Whether the first process of this container, and not another of the node, listens on the TCP port that is named.
const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const port = Number(process.argv[1]).toString(16).toUpperCase().padStart(4, '0');
const table = (name) => {
  try {
    return readFileSync('/proc/1/net/' + name, 'utf8');
  } catch {
    return '';
  }
};
const link = (fd) => {
  try {
    return readlinkSync('/proc/1/fd/' + fd);
  } catch {
    return '';
  }
};
const own = new Set(readdirSync('/proc/1/fd').map(link));
const rows = (table('tcp') + table('tcp6')).split('\n').map((line) => line.trim().split(/\s+/));
const found = rows.some((row) => row[3] === '0A' && row[1].endsWith(':' + port) && own.has('socket:[' + row[9] + ']'));
process.exitCode = found ? 0 : 1;
