// What a reference server does with a connection's bytes: greet, answer in batches, keep what is unfinished, wait
// where the kernel takes no more.
import CLibevent
import Glibc

extension RawServer {
    func readable(_ connection: UnsafeMutablePointer<RawConnection>) {
        let held = unsafe connection.pointee.partialCount
        if held > 0, let partial = unsafe connection.pointee.partial {
            unsafe input.copyMemory(from: partial, byteCount: held)
        }
        let room = min(Self.receiveBytes, Self.inputBytes - held)
        let count = unsafe recv(connection.pointee.fd, input + held, room, 0)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return unsafe close(connection) }
        if held > 0 { unsafe dropPartial(connection) }
        unsafe serve(connection, UnsafeRawBufferPointer(start: input, count: held + count))
        batchEnded()
    }

    /// Answers what is complete, then keeps the rest.
    private func serve(_ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        if unsafe !connection.pointee.isGreeted {
            guard bytes.count >= 4, let start = bytes.baseAddress else {
                return unsafe keep(connection, bytes, from: 0)
            }
            let end = unsafe 4 + Int(Wire.int32(start))
            guard end >= 4 + 28, end <= 256 else { return unsafe close(connection) }
            guard bytes.count >= end else { return unsafe keep(connection, bytes, from: 0) }
            unsafe connection.pointee.isGreeted = true
            offset = end
            let answer = unsafe greet(timeoutMs: Wire.int32(start + 16))
            if unsafe !send(connection, output, answer) { return }
        }
        let replies = unsafe UnsafeMutableRawBufferPointer(start: output, count: outputBytes)
        while unsafe connection.pointee.unsent == nil {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            let result = unsafe answer(rest, into: replies, for: connection)
            if result.taken == 0 { break }
            offset += result.taken
            unsafe connection.pointee.isClosing = result.isClosing
            if unsafe !send(connection, output, result.written) { return }
        }
        if unsafe connection.pointee.isClosing && connection.pointee.unsent == nil { return unsafe close(connection) }
        unsafe keep(connection, bytes, from: offset)
    }

    private func keep(
        _ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawBufferPointer, from offset: Int
    ) {
        let count = bytes.count - offset
        guard count > 0, let start = bytes.baseAddress else { return }
        // What stays must leave room for a receive; a larger frame than that is none of ours.
        guard count <= Self.inputBytes - 4096 else { return unsafe close(connection) }
        let partial = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
        unsafe partial.copyMemory(from: start + offset, byteCount: count)
        unsafe connection.pointee.partial = partial
        unsafe connection.pointee.partialCount = count
    }

    private func dropPartial(_ connection: UnsafeMutablePointer<RawConnection>) {
        unsafe connection.pointee.partial?.deallocate()
        unsafe connection.pointee.partial = nil
        unsafe connection.pointee.partialCount = 0
    }

    /// Sends bytes, or puts them behind those that wait already; false when the connection is closed by that.
    @discardableResult func send(
        _ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawPointer, _ count: Int
    ) -> Bool {
        guard count > 0 else { return true }
        let waiting = unsafe connection.pointee.unsent != nil
        var sent = 0
        if !waiting {
            sent = unsafe Glibc.send(connection.pointee.fd, bytes, count, Int32(MSG_NOSIGNAL))
            if sent == count { return true }
            if sent < 0 {
                guard errno == EAGAIN || errno == EINTR else {
                    unsafe close(connection)
                    return false
                }
                sent = 0
            }
        }
        unsafe delay(connection, bytes + sent, count - sent)
        if !waiting { unsafe turn(connection, to: EV_WRITE) }
        return true
    }

    private func delay(
        _ connection: UnsafeMutablePointer<RawConnection>, _ bytes: UnsafeRawPointer, _ count: Int
    ) {
        let held = unsafe connection.pointee.unsentCount - connection.pointee.unsentOffset
        let rest = UnsafeMutableRawPointer.allocate(byteCount: held + count, alignment: 8)
        if let before = unsafe connection.pointee.unsent {
            unsafe rest.copyMemory(from: before + connection.pointee.unsentOffset, byteCount: held)
            unsafe before.deallocate()
        }
        unsafe (rest + held).copyMemory(from: bytes, byteCount: count)
        unsafe connection.pointee.unsent = rest
        unsafe connection.pointee.unsentCount = held + count
        unsafe connection.pointee.unsentOffset = 0
    }

    func writable(_ connection: UnsafeMutablePointer<RawConnection>) {
        guard let unsent = unsafe connection.pointee.unsent else { return }
        let offset = unsafe connection.pointee.unsentOffset, count = unsafe connection.pointee.unsentCount - offset
        let sent = unsafe Glibc.send(connection.pointee.fd, unsent + offset, count, Int32(MSG_NOSIGNAL))
        if sent < 0 {
            if errno == EAGAIN || errno == EINTR { return }
            return unsafe close(connection)
        }
        unsafe connection.pointee.unsentOffset += sent
        guard sent == count else { return }
        unsafe unsent.deallocate()
        unsafe connection.pointee.unsent = nil
        unsafe connection.pointee.unsentCount = 0
        unsafe connection.pointee.unsentOffset = 0
        unsafe turn(connection, to: EV_READ)
        // Requests that were kept while the output was full.
        let held = unsafe connection.pointee.partialCount
        guard unsafe held > 0 || connection.pointee.isClosing else { return }
        if let partial = unsafe connection.pointee.partial {
            unsafe input.copyMemory(from: partial, byteCount: held)
            unsafe dropPartial(connection)
        }
        unsafe serve(connection, UnsafeRawBufferPointer(start: input, count: held))
        batchEnded()
    }

    /// Writes a ConnectResponse with a fresh session to the output; returns its size.
    private func greet(timeoutMs: Int32) -> Int {
        lastSession += 1
        unsafe output.initializeMemory(as: UInt8.self, repeating: 0, count: 41)
        unsafe Wire.put(Int32(37), output)
        unsafe Wire.put(timeoutMs, output + 8)
        unsafe Wire.put(lastSession, output + 12)
        unsafe Wire.put(Int32(16), output + 20)
        return 41
    }
}
