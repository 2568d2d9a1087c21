// Listens, and gives each connection a thread of its own, as mongod does.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "commands.h"
#include "unique_fd.h"

namespace telemetry_host {

class Server {
public:
    // Called by many threads at once. No answer closes the connection.
    using Handler =
        std::function<std::optional<Document>(const Request&, std::int32_t connectionId)>;

    // Listens on 127.0.0.1 from now on. Signals must be blocked already: its threads inherit the
    // mask. Throws StartupError if it cannot.
    Server(std::uint16_t port, Handler handler);
    ~Server();

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // The port that was really taken.
    std::uint16_t port() const;

    // Closes the listener and all connections, and waits for their threads. A command that runs is
    // finished first.
    void stop();

private:
    void acceptAll();
    void begin(UniqueFd socket, std::int32_t connectionId);
    void serve(UniqueFd socket, std::int32_t connectionId);

    Handler _handler;
    UniqueFd _listener;
    std::atomic<bool> _stopping{false};
    std::mutex _mutex;    // protects _open; not held while a socket is read from or written to
    std::set<int> _open;  // the sockets that threads serve
    std::condition_variable _ended;  // one of these threads has
    std::thread _thread;
};

}  // namespace telemetry_host
