/** The same service as plain node:dgram programs are written: one callback and one send a datagram. Prints its port. */
import { createSocket } from 'node:dgram';
import { answer } from './plane.ts';

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
socket.on('message', (request, { port, address }) => {
  if (request.length < 4) return;
  const reply = Buffer.allocUnsafe(request.length);
  answer(request, reply, 0, request.length);
  socket.send(reply, port, address);
});
socket.bind(0, '127.0.0.1', () => console.log(socket.address().port));
