"""Ensembles: which servers belong together, who leads, and observers that join without being listed."""

from harness import HOST, SUPER, Failure, until

BASIC = [
    "tickTime=500", "initLimit=20", "syncLimit=10", "4lw.commands.whitelist=*", "admin.enableServer=false",
    "maxClientCnxns=0", "preAllocSize=1024", "extendedTypesEnabled=true",
    f"DigestAuthenticationProvider.superDigest={SUPER}",
]


class Ensemble:
    """Servers 1…n in the order given, voters first."""

    def __init__(self, lab, voters, observers=(), settings=(), reconfigurable=False):
        """`voters`, `observers`: kinds. `reconfigurable`: Apache's servers take part in changes of membership; client
        addresses then stand on the server lines."""
        self.lab, self.reconfigurable, self.settings = lab, reconfigurable, list(settings)
        roles = [(kind, "participant") for kind in voters] + [(kind, "observer") for kind in observers]
        self.servers = [lab.server(kind, sid + 1, role) for sid, (kind, role) in enumerate(roles)]
        self.voters = self.servers[:len(voters)]
        self.observers = self.servers[len(voters):]
        for server in self.servers:
            server.configure(self.configuration_of(server))

    def __getitem__(self, sid):
        return next(server for server in self.servers if server.sid == sid)

    def line(self, server):
        text = f"server.{server.sid}={HOST}:{server.quorum_port}:{server.election_port}:{server.role}"
        return text + (f";{HOST}:{server.client_port}" if self.reconfigurable else "")

    def configuration_of(self, server, listed=None):
        lines = BASIC + self.settings
        if self.reconfigurable:
            lines = lines + (["reconfigEnabled=true"] if server.kind == "apache" else [])
        else:
            lines = lines + [f"clientPort={server.client_port}", f"clientPortAddress={HOST}"]
        if server.role == "observer":
            lines = lines + ["peerType=observer"]
        return lines + [self.line(member) for member in (listed or self.servers)]

    def start(self, *servers):
        chosen = servers or self.servers
        for server in chosen:
            server.start()
        for server in chosen:
            server.serving()
        return self

    def unlisted_observer(self, kind, sid):
        """An observer no server's configuration knows. Meerkat is given addresses on its command line alone."""
        server = self.lab.server(kind, sid, "observer")
        if server.kind == "meerkat":
            from harness import meerkat_binary
            voters = ",".join(f"{HOST}:{v.quorum_port}:{v.election_port}" for v in self.voters)
            server.command = [meerkat_binary(), "observer", "--join", voters, "--client-port", str(server.client_port),
                              "--data-dir", server.data, "--id", str(sid), "--tick-time", "500"]
        else:
            server.configure(self.configuration_of(server, self.servers + [server]))
        return server

    def leader(self, seconds=40.0, among=None):
        """The one running voter that leads, once there is one."""
        candidates = among or self.voters

        def look():
            leaders = [server for server in candidates if server.runs() and server.mode() == "leader"]
            return leaders[0] if len(leaders) == 1 else None
        return until("a leader is elected", look, seconds, 0.1)

    def followers(self):
        return [server for server in self.voters if server.runs() and server.mode() == "follower"]

    def serving(self, seconds=40.0):
        for server in self.servers:
            if server.runs():
                server.serving(seconds)
        return self.leader(seconds)

    def start_with_leader(self, leader):
        """Starts everything so that `leader` leads: it and voters with smaller numbers first. Empty histories only."""
        partners = [server for server in self.voters if server.sid < leader.sid]
        needed = len(self.voters) // 2
        if len(partners) < needed:
            raise Failure(f"{leader} cannot be made the leader of an empty ensemble")
        self.start(leader, *partners[:needed])
        self.start(*[server for server in self.servers if not server.runs()])
        if self.leader() is not leader:
            raise Failure(f"{self.leader()} leads, not {leader}")
        return self
