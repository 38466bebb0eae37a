// The server's side of a WebSocket by Node's ws: carries its messages to PORT of this machine and what comes back in
// messages of its own, cut at random, with pings in between. Says its port, and ends with its input.
const { WebSocketServer } = require(process.env.MODULES + '/ws');
const fs = require('fs');
const net = require('net');

const server = require('https').createServer({
    key: fs.readFileSync('key.pem'),
    cert: fs.readFileSync('certificate.pem'),
});
const sockets = new WebSocketServer({ server, perMessageDeflate: true });

sockets.on('connection', (socket) => {
    const tcp = net.connect(process.env.PORT, '127.0.0.1');
    const sent = () => socket.bufferedAmount < (1 << 20) && tcp.resume();
    tcp.on('data', (data) => {
        const cut = Math.floor(Math.random() * (data.length + 1));
        socket.send(data.subarray(0, cut), { binary: true, fin: false });
        socket.ping('between the fragments of a message');
        socket.send(data.subarray(cut), { binary: true, fin: true }, sent);
        if (socket.bufferedAmount > (1 << 20)) tcp.pause();
    });
    socket.on('message', (data, isBinary) => (isBinary ? tcp.write(data) : socket.close(1003)));
    socket.on('error', (error) => console.error(error));
    socket.on('close', () => tcp.end());
    tcp.on('error', () => socket.terminate());
    tcp.on('end', () => socket.close(1000));
});

server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit());
process.stdin.resume();
