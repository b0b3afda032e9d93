"""Sends frames of IPv6 that a lying guest might send, and says which frames others got.

Reads one JSON object: {"talker", "listeners": [namespaces], "mac", "address", "link", "router" (its MAC),
"victim" (an address), "victimLink", "victimMac", "note", "seconds"}. Writes
a JSON list with the names of those lies that any listener, or the talker as an answer, has seen."""

import ctypes, json, os, select, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)


def enter(name):
    fd = os.open("/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns " + name)
    os.close(fd)


def six(text):
    return socket.inet_pton(socket.AF_INET6, text)


def frame(to, source_mac, source, destination, header, payload, hops=255):
    pseudo = six(source) + six(destination) + struct.pack("!IHBB", len(payload), 0, 0, header)
    data = pseudo + payload + b"\0" * (len(payload) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    at = 2 if header == 58 else 6
    payload = payload[:at] + struct.pack("!H", ~total & 0xFFFF) + payload[at + 2 :]
    return to + source_mac + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(payload), header, hops) + six(source) + six(destination) + payload


work = json.load(sys.stdin)
mac, router = (bytes.fromhex(work[one].replace(":", "")) for one in ("mac", "router"))
own, victim, link = work["address"], work["victim"], work["link"]
everyone = b"\x33\x33\x00\x00\x00\x01"
note = work["note"].encode()
advertisement = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0) + b"\x01\x01" + mac
claims = struct.pack("!BBHI", 136, 0, 0, 0x20000000)
datagram = struct.pack("!HHHH", 9, 9, 8 + len(note), 0) + note
echo = struct.pack("!BBHHH", 128, 0, 0, 7, 7) + note
lies = {
    "router advertisement to all": frame(everyone, mac, link, "ff02::1", 58, advertisement),
    "router advertisement to the router": frame(router, mac, link, "fe80::1", 58, advertisement),
    "the router's address is mine": frame(everyone, mac, own, "ff02::1", 58, claims + six("fe80::1") + b"\x02\x01" + mac),
    "the victim's address is mine": frame(router, mac, own, "fe80::1", 58, claims + six(victim) + b"\x02\x01" + mac),
    "the victim's link is mine": frame(router, mac, link, "fe80::1", 58, claims + six(work["victimLink"]) + b"\x02\x01" + mac),
    "datagram to all": frame(everyone, mac, own, "ff02::1", 17, datagram),
    "datagram to the victim's link": frame(router, mac, own, work["victimLink"], 17, datagram),
    "datagram from the link": frame(router, mac, link, victim, 17, datagram),
    "datagram from nobody": frame(router, mac, "::", victim, 17, datagram),
    "datagram from the victim": frame(router, mac, victim, victim, 17, datagram),
    "datagram from loopback": frame(router, mac, "::1", victim, 17, datagram),
    "datagram from IPv4": frame(router, mac, "::ffff:10.0.0.1", victim, 17, datagram),
    "echo from the router": frame(router, mac, "fe80::1", victim, 58, echo),
    "echo to the router's link": frame(router, mac, own, "fe80::1", 58, echo),
    "a foreign MAC": frame(router, b"\x02\x11\x22\x33\x44\x55", own, victim, 17, datagram),
    "past the router": frame(bytes.fromhex(work["victimMac"].replace(":", "")), mac, own, victim, 17, datagram),
}

poll = select.poll()
sockets = {}
for name in work["listeners"] + [work["talker"]]:
    enter(name)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86DD))
    s.bind(("eth0", 0x86DD))
    sockets[s.fileno()] = (s, name)
    poll.register(s, select.POLLIN)
talker = next(s for s, name in sockets.values() if name == work["talker"])
for text in lies.values():
    talker.send(text)

seen = []
end = time.monotonic() + work["seconds"]
while time.monotonic() < end:
    for fd, _ in poll.poll(100):
        s, name = sockets[fd]
        data, where = s.recvfrom(4096)
        # What it has sent itself (PACKET_OUTGOING) is no answer.
        if where[2] == 4:
            continue
        kind = data[54] if data[20] == 58 else -1
        if data[20] == 17 or kind in (128, 129, 134, 136, 137):
            seen.append("%s got %s" % (name, data[14:70].hex()))
json.dump({"sent": len(lies), "seen": seen}, sys.stdout)
