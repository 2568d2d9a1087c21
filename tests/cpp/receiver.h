// An HTTP endpoint on loopback, on a port that was free.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H
#define PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstring>

#include "checks.h"
#include "process.h"

namespace consumer {

inline int checked(int result) {
    if (result < 0) {
        throw std::system_error(errno, std::generic_category(), "receiver");
    }
    return result;
}

// An address at which nobody listens: bound, so that nobody else gets it.
class BoundSocket {
public:
    BoundSocket() : _socket(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        checked(::bind(_socket.get(), generic, size));
        checked(::getsockname(_socket.get(), generic, &size));
        _url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) +
               "/v1/telemetry/GenericReport";
    }

    int get() const {
        return _socket.get();
    }

    const std::string& url() const {
        return _url;
    }

private:
    UniqueFd _socket;
    std::string _url;
};

// Head with its empty line, and body.
struct Request {
    std::string head;
    std::string body;
};

// Serves all connections on one thread of its own.
class Receiver {
public:
    // Answers each request with 200.
    static Receiver answering() {
        return Receiver(true);
    }

    // Accepts and reads; answers with 200 from answerAll() on, if that is called.
    static Receiver silent() {
        return Receiver(false);
    }

    void answerAll() {
        _isAnswering = true;
        ::eventfd_write(_wake.get(), 1);
    }

    ~Receiver() {
        _isEnding = true;
        ::eventfd_write(_wake.get(), 1);
        _thread.join();
    }

    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    const std::string& url() const {
        return _listener.url();
    }

    // Each of these waits until there have been `count` since the beginning.
    void waitForRequests(std::size_t count) {
        waitUntil("requests", [=] { return _requests.size() >= count; });
    }
    void waitForConnections(std::size_t count) {
        waitUntil("connections", [=] { return _accepted >= count; });
    }
    // Gives the moment in which the last of them was ended by the peer.
    Clock::time_point waitForEnds(std::size_t count) {
        waitUntil("connections ended", [=] { return _ends.size() >= count; });
        const std::lock_guard<std::mutex> lock(_mutex);
        return _ends.at(count - 1);
    }

    std::vector<Request> requests() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _requests;
    }

    std::size_t connections() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _accepted;
    }

private:
    struct Connection {
        UniqueFd socket;
        std::string received;
        bool isWaiting;  // for its answer
    };

    explicit Receiver(bool isAnswering) : _isAnswering(isAnswering) {
        checked(::listen(_listener.get(), SOMAXCONN));
        _thread = std::thread([this] { serve(); });
    }

    template <typename Predicate>
    void waitUntil(const std::string& what, const Predicate& holds) {
        std::unique_lock<std::mutex> lock(_mutex);
        expect(_changed.wait_for(lock, kTimeout, holds), "the receiver sees enough " + what,
               std::to_string(_accepted) + " connections, " + std::to_string(_requests.size()) +
                   " requests, " + std::to_string(_ends.size()) + " ended by the peer");
    }

    template <typename Change>
    void publish(const Change& change) {
        const std::lock_guard<std::mutex> lock(_mutex);
        change();
        _changed.notify_all();
    }

    void serve() {
        std::vector<Connection> connections;
        while (!_isEnding) {
            std::vector<pollfd> ready = {{_wake.get(), POLLIN, 0}, {_listener.get(), POLLIN, 0}};
            for (const Connection& connection : connections) {
                ready.push_back({connection.socket.get(), POLLIN, 0});
            }
            if (::poll(ready.data(), ready.size(), -1) < 0) {
                continue;
            }
            eventfd_t ignored = 0;
            if (ready[0].revents != 0) {
                ::eventfd_read(_wake.get(), &ignored);
            }
            for (std::size_t i = connections.size(); i-- > 0;) {
                if ((ready[i + 2].revents != 0 && !isReadOn(connections[i])) ||
                    isAnswered(connections[i])) {
                    connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i));
                }
            }
            if (ready[1].revents != 0) {
                UniqueFd socket(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
                if (socket.get() >= 0) {
                    connections.push_back({std::move(socket), {}, false});
                    publish([this] { ++_accepted; });
                }
            }
        }
    }

    // Takes what has come; false if the peer has ended the connection.
    bool isReadOn(Connection& connection) {
        std::array<char, 4096> chunk{};
        const ssize_t got = ::recv(connection.socket.get(), chunk.data(), chunk.size(), 0);
        if (got <= 0) {
            publish([this] { _ends.push_back(Clock::now()); });
            return false;
        }
        connection.received.append(chunk.data(), static_cast<std::size_t>(got));
        const std::size_t head = connection.received.find("\r\n\r\n");
        if (head == std::string::npos) {
            return true;
        }
        Request request{connection.received.substr(0, head + 4),
                        connection.received.substr(head + 4)};
        const char* const length = ::strcasestr(request.head.c_str(), "\r\ncontent-length:");
        const long wanted = length == nullptr ? 0 : std::atol(length + 17);
        connection.isWaiting = request.body.size() >= static_cast<std::size_t>(wanted);
        if (connection.isWaiting) {
            publish([&] { _requests.push_back(std::move(request)); });
        }
        return true;
    }

    bool isAnswered(const Connection& connection) const {
        static const std::string answer =
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        return connection.isWaiting && _isAnswering &&
               ::send(connection.socket.get(), answer.data(), answer.size(), MSG_NOSIGNAL) > 0;
    }

    std::atomic<bool> _isAnswering;
    std::atomic<bool> _isEnding{false};
    const BoundSocket _listener;
    const UniqueFd _wake{checked(::eventfd(0, EFD_CLOEXEC))};  // when one of these changes
    mutable std::mutex _mutex;
    std::condition_variable _changed;
    std::size_t _accepted = 0;
    std::vector<Request> _requests;
    std::vector<Clock::time_point> _ends;
    std::thread _thread;
};

}  // namespace consumer

#endif  // PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H
