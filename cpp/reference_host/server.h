// Listens, and gives each connection a thread of its own, as mongod does.

#ifndef TELEMETRY_HOST_SERVER_H
#define TELEMETRY_HOST_SERVER_H

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <thread>

#include "message.h"
#include "peer.h"
#include "unique_fd.h"

namespace telemetry_host {

class Server {
public:
    // Called by many threads at once. No answer closes the connection.
    using Handler = std::function<std::optional<Document>(const Request&, const Peer&)>;

    // A connection above this is closed as soon as it is made.
    static constexpr std::int32_t kMaxConnections = 512;

    // Listens from now on. Signals must be blocked already: its threads inherit the mask. Throws
    // StartupError if it cannot listen there.
    Server(const std::string& address, std::uint16_t port, Handler handler);
    ~Server();

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // The port that was really taken.
    std::uint16_t port() const;

    // Closes the listener and all connections, and waits for their threads. A command that runs is
    // finished first.
    void stop();

private:
    struct Connection {
        explicit Connection(UniqueFd fd) : socket(std::move(fd)) {
        }

        UniqueFd socket;
        std::atomic<bool> done{false};
        std::thread thread;
    };

    void listenLoop();
    void acceptOne();
    void serve(Connection& connection, Peer peer);
    void removeFinished();
    void closeAll();
    void wake() noexcept;

    Handler _handler;
    UniqueFd _listener;
    UniqueFd _wakeUp;  // readable when a connection is done or the server is to stop
    std::atomic<bool> _stopping{false};
    std::atomic<std::int32_t> _open{0};
    std::atomic<std::int32_t> _ever{0};
    std::list<Connection> _connections;  // for the listener's thread only: needs no lock
    std::thread _thread;
};

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_SERVER_H
