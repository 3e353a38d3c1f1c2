# SPDX-License-Identifier: GPL-2.0
"""The far end of a guest's network device, played by the test.

A Peer is a host with one IPv4 address on a socket that carries a frame in a
message: it answers ARP and pings, in a thread, and keeps all other frames.
"""
import os
import select
import socket
import struct
import threading

BROADCAST = b"\xff" * 6
ETH_P_IP, ETH_P_ARP, ETH_P_TEST = 0x0800, 0x0806, 0x88b5
ICMP, ECHO, ECHO_REPLY = 1, 8, 0


def checksum(data):
    """The internet's."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(destination, source, protocol, payload):
    """An Ethernet frame."""
    return destination + source + struct.pack("!H", protocol) + payload


class Peer:
    """A host at the other end of @sock."""

    def __init__(self, sock, address, mac="02:00:00:00:00:fe", send=None):
        self.sock, self.address = sock, address
        self.mac = bytes.fromhex(mac.replace(":", ""))
        self.send = send or sock.send
        self.others = []        # frames that were neither ARP nor pings
        self.pings = 0
        self.guest_mac = None
        self.stop_read, self.stop_write = os.pipe()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        """The thread."""
        while True:
            ready, _, _ = select.select([self.sock, self.stop_read], [], [])
            if self.stop_read in ready:
                return
            try:
                data = self.sock.recv(70000)
            except OSError:
                return
            if not data:
                return
            answer = self.answer(data)
            if answer:
                self.send(answer)

    def answer(self, data):
        """What to send for a frame, or None."""
        source = data[6:12]
        protocol = struct.unpack("!H", data[12:14])[0]
        if protocol == ETH_P_ARP and data[38:42] == socket.inet_aton(self.address):
            self.guest_mac = source
            reply = (struct.pack("!HHBBH", 1, ETH_P_IP, 6, 4, 2) + self.mac + data[38:42] +
                     data[22:28] + data[28:32])
            return frame(source, self.mac, ETH_P_ARP, reply)
        if protocol == ETH_P_IP and data[23] == ICMP and data[34] == ECHO:
            self.pings += 1
            length = struct.unpack("!H", data[16:18])[0]
            packet = bytearray(data[14:14 + length])
            packet[12:16], packet[16:20] = packet[16:20], packet[12:16]
            packet[20] = ECHO_REPLY
            packet[22:24] = b"\0\0"
            packet[22:24] = struct.pack("!H", checksum(bytes(packet[20:])))
            return frame(source, self.mac, ETH_P_IP, bytes(packet))
        self.others.append(data)
        return None

    def close(self):
        """Hang up."""
        os.write(self.stop_write, b"x")
        self.thread.join()
        os.close(self.stop_read)
        os.close(self.stop_write)
        self.sock.close()
