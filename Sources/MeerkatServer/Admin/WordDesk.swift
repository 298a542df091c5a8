import Jute
import Libevent
import Replica
final class WordDesk: ReportDesk, @unchecked Sendable {
    private var port: ClientPort?
    init(configuration: ServerConfiguration, replica: Mailbox<ReplicaMessage>) {}
    func attach(_ port: ClientPort) { self.port = port }
    func request(_ word: FourLetterWord, argument: [UInt8], from client: ClientID) {
        port?.post(.adminText(client, Array("stub\nMode: unknown\n".utf8)), to: client.worker)
    }
}
