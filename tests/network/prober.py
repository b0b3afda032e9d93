"""Sends TCP, UDP and ICMP probes between network namespaces, all at once, and says which got an answer.

Reads one JSON object: {"listeners": [{"namespace", "tcp": [ports], "udp": [ports]}], "seconds": n,
"probes": [{"namespace", "protocol", "address", "port", "source"}]}; an empty namespace is the machine's own. A socket stays in the namespace in
which it was made, so one process serves them all. Writes a JSON list of booleans."""

import ctypes, errno, json, os, select, socket, struct, sys, time

libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
current = ""


def enter(name):
    global current
    if name == current:
        return
    fd = os.dup(home) if name == "" else os.open("/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns " + name)
    os.close(fd)
    current = name


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def echo(number, kind):
    """The kernel fills in the checksum of ICMPv6 (128), which covers addresses too."""
    head = struct.pack("!BBHHH", kind, 0, 0, os.getpid() & 0xFFFF, number)
    return struct.pack("!BBHHH", kind, 0, checksum(head), os.getpid() & 0xFFFF, number)


def server(family, kind, port):
    s = socket.socket(family, kind)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if kind == socket.SOCK_STREAM:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setblocking(False)
    s.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
    if kind == socket.SOCK_STREAM:
        s.listen(1024)
    servers[s.fileno()] = s
    poll.register(s, select.EPOLLIN)


work = json.load(sys.stdin)
poll = select.epoll()
servers, clients = {}, {}
for one in work["listeners"]:
    enter(one["namespace"])
    for family in (socket.AF_INET, socket.AF_INET6):
        for port in one["tcp"]:
            server(family, socket.SOCK_STREAM, port)
        for port in one["udp"]:
            server(family, socket.SOCK_DGRAM, port)

answered = [False] * len(work["probes"])
for number, probe in enumerate(work["probes"]):
    enter(probe["namespace"])
    where = (probe["address"], probe.get("port") or 0)
    kind = probe["protocol"]
    six = ":" in probe["address"]
    family = socket.AF_INET6 if six else socket.AF_INET
    if kind == "icmp":
        s = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if six else socket.IPPROTO_ICMP)
        kind = "icmp6" if six else kind
    else:
        s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    s.setblocking(False)
    try:
        if "source" in probe:
            s.bind((probe["source"], 0))
        if kind == "tcp":
            s.connect_ex(where)
        elif kind == "udp":
            s.connect(where)
            s.send(b"probe %d" % number)
        else:
            s.sendto(echo(number & 0xFFFF, 128 if six else 8), where)
    except OSError:
        s.close()
        continue
    clients[s.fileno()] = (s, number, kind)
    poll.register(s, select.EPOLLIN)


def serve(s):
    try:
        if s.type == socket.SOCK_STREAM:
            peer = s.accept()[0]
            peer.send(b"haneul")
            peer.close()
        else:
            data, peer = s.recvfrom(2048)
            s.sendto(data, peer)
    except OSError:
        pass


def hear(s, number, kind):
    """True when this probe is over."""
    try:
        data = s.recv(2048)
    except OSError as error:
        return error.errno != errno.EAGAIN
    if kind == "icmp":
        answered[number] = len(data) >= 28 and data[20] == 0 and data[26:28] == struct.pack("!H", number & 0xFFFF)
        return answered[number]
    if kind == "icmp6":
        answered[number] = len(data) >= 8 and data[0] == 129 and data[6:8] == struct.pack("!H", number & 0xFFFF)
        return answered[number]
    # Whoever else answers at this address is not the one who is looked for.
    answered[number] = data == (b"haneul" if kind == "tcp" else b"probe %d" % number)
    return True


end = time.monotonic() + work["seconds"]
while clients and time.monotonic() < end:
    for fd, _ in poll.poll(0.1):
        if fd in servers:
            serve(servers[fd])
        elif fd in clients and hear(*clients[fd]):
            poll.unregister(fd)
            clients.pop(fd)[0].close()
json.dump(answered, sys.stdout)
