// An HTTP endpoint on loopback, on a port that was free.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

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

// Serves one connection after the other, on a thread of its own.
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
        publish([this] { _isAnswering = true; });
    }

    ~Receiver() {
        ::shutdown(_listener.get(), SHUT_RDWR);
        publish([this] {
            _isEnding = true;
            ::shutdown(_connection, SHUT_RDWR);
        });
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

    // Also those that are not accepted yet: of a listener, the kernel counts them so.
    std::size_t connections() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        tcp_info queue{};
        socklen_t size = sizeof(queue);
        checked(::getsockopt(_listener.get(), IPPROTO_TCP, TCP_INFO, &queue, &size));
        return _accepted + queue.tcpi_unacked;
    }

private:
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

    // Changes what others see, and answers the request that waits if it is to be answered now.
    template <typename Change>
    void publish(const Change& change) {
        static const std::string answer =
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        const std::lock_guard<std::mutex> lock(_mutex);
        change();
        if (_isAnswering && std::exchange(_isWaiting, false)) {
            ::send(_connection, answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        _changed.notify_all();
    }

    void serve() {
        for (;;) {
            pollfd listener{_listener.get(), POLLIN, 0};
            while (::poll(&listener, 1, -1) < 0) {
                // a signal
            }
            // Under the lock, so that a connection is either in the queue or counted.
            UniqueFd socket;
            publish([&] {
                socket = UniqueFd(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
                _connection = socket.get();
                _accepted += socket ? 1 : 0;
            });
            if (!socket) {
                return;  // the destructor has shut the listener down
            }
            std::string received;
            std::array<char, 4096> chunk{};
            ssize_t got = 0;
            while (!_isEnding && (got = ::recv(socket.get(), chunk.data(), chunk.size(), 0)) > 0) {
                received.append(chunk.data(), static_cast<std::size_t>(got));
                take(received);
            }
            publish([this] {
                _connection = -1;
                _isWaiting = false;
                _ends.push_back(Clock::now());
            });
        }
    }

    // Takes the request if it is whole.
    void take(const std::string& received) {
        const std::size_t head = received.find("\r\n\r\n");
        const std::size_t length = received.find("content-length: ");
        if (head != std::string::npos &&
            received.size() >= head + 4 + std::stoul(received.substr(length + 16))) {
            publish([&] {
                _requests.push_back({received.substr(0, head + 4), received.substr(head + 4)});
                _isWaiting = true;
            });
        }
    }

    const BoundSocket _listener;
    std::atomic<bool> _isEnding{false};
    mutable std::mutex _mutex;  // protects what follows
    std::condition_variable _changed;
    bool _isAnswering;
    bool _isWaiting = false;  // a request, for its answer
    int _connection = -1;
    std::size_t _accepted = 0;
    std::vector<Request> _requests;
    std::vector<Clock::time_point> _ends;
    std::thread _thread;
};

}  // namespace consumer
