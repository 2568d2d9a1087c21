// An HTTP endpoint on loopback, on a port that was free.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H
#define PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "support.h"

namespace consumer {

class UniqueFd {
public:
    explicit UniqueFd(int fd) noexcept : _fd(fd) {
    }
    UniqueFd(UniqueFd&& other) noexcept : _fd(std::exchange(other._fd, -1)) {
    }
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        std::swap(_fd, other._fd);
        return *this;
    }
    ~UniqueFd() {
        if (_fd >= 0) {
            ::close(_fd);
        }
    }

    int get() const noexcept {
        return _fd;
    }

private:
    int _fd;
};

// Head with its empty line, and body.
struct Request {
    std::string head;
    std::string body;

    // The value of a header; nothing if there is none.
    std::string header(const std::string& name) const {
        std::istringstream lines(head);
        for (std::string line; std::getline(lines, line);) {
            const std::size_t colon = line.find(':');
            if (colon != std::string::npos && lowered(line.substr(0, colon)) == name) {
                const std::size_t begin = line.find_first_not_of(' ', colon + 1);
                return line.substr(begin, line.find_last_not_of('\r') + 1 - begin);
            }
        }
        return {};
    }

private:
    static std::string lowered(std::string text) {
        std::transform(text.begin(), text.end(), text.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return text;
    }
};

// Serves all connections on one thread of its own.
class Receiver {
public:
    // Answers each request with 200.
    static Receiver answering() {
        return Receiver(kAnswer);
    }

    // Accepts, reads, and never answers.
    static Receiver silent() {
        return Receiver("");
    }

    // Accepts and reads; answers with 200 from answerAll() on.
    static Receiver holding() {
        return Receiver(kAnswer, true);
    }

    void answerAll() {
        _isHolding = false;
        ::eventfd_write(_wake.get(), 1);
    }

    ~Receiver() {
        _isEnding = true;
        ::eventfd_write(_wake.get(), 1);
        _thread.join();
    }

    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    std::string url() const {
        sockaddr_in address{};
        socklen_t size = sizeof(address);
        check(::getsockname(_listener.get(), reinterpret_cast<sockaddr*>(&address), &size));
        return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) +
               "/v1/telemetry/GenericReport";
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
    static constexpr const char* kAnswer =
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    struct Connection {
        UniqueFd socket;
        std::string received;
        bool isWaiting = false;  // for its answer
    };

    explicit Receiver(std::string answer, bool isHolding = false)
        : _answer(std::move(answer)),
          _isHolding(isHolding),
          _listener(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))),
          _wake(check(::eventfd(0, EFD_CLOEXEC))) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        check(::bind(_listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)));
        check(::listen(_listener.get(), SOMAXCONN));
        _thread = std::thread([this] { serve(); });
    }

    static int check(int result) {
        if (result < 0) {
            throw std::system_error(errno, std::generic_category(), "receiver");
        }
        return result;
    }

    template <typename Predicate>
    void waitUntil(const std::string& what, const Predicate& holds) {
        std::unique_lock<std::mutex> lock(_mutex);
        expect(_changed.wait_for(lock, kPatience, holds), "the receiver sees enough " + what,
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
        while (true) {
            std::vector<pollfd> waiting = {{_wake.get(), POLLIN, 0}, {_listener.get(), POLLIN, 0}};
            for (const Connection& connection : connections) {
                waiting.push_back({connection.socket.get(), POLLIN, 0});
            }
            if (::poll(waiting.data(), waiting.size(), -1) < 0) {
                continue;
            }
            if (waiting[0].revents != 0) {
                eventfd_t count = 0;
                ::eventfd_read(_wake.get(), &count);
                if (_isEnding) {
                    return;
                }
                answerThoseWhoWait(connections);
                continue;
            }
            for (std::size_t i = connections.size(); i-- > 0;) {
                if (waiting[i + 2].revents != 0 && !goesOn(connections[i])) {
                    connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i));
                }
            }
            if (waiting[1].revents != 0) {
                UniqueFd socket(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
                if (socket.get() >= 0) {
                    connections.push_back({std::move(socket), {}, false});
                    publish([this] { ++_accepted; });
                }
            }
        }
    }

    // Reads what has come; false if the connection is at its end.
    bool goesOn(Connection& connection) {
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
        if (request.body.size() < std::stoul("0" + request.header("content-length"))) {
            return true;
        }
        publish([&] { _requests.push_back(std::move(request)); });
        if (_answer.empty() || _isHolding) {
            connection.isWaiting = true;
            return true;
        }
        answer(connection);
        return false;
    }

    void answer(const Connection& connection) const {
        ::send(connection.socket.get(), _answer.data(), _answer.size(), MSG_NOSIGNAL);
    }

    void answerThoseWhoWait(std::vector<Connection>& connections) const {
        const auto isDone = [this](const Connection& connection) {
            if (connection.isWaiting) {
                answer(connection);
            }
            return connection.isWaiting;
        };
        connections.erase(std::remove_if(connections.begin(), connections.end(), isDone),
                          connections.end());
    }

    const std::string _answer;
    std::atomic<bool> _isHolding;
    std::atomic<bool> _isEnding{false};
    const UniqueFd _listener;
    const UniqueFd _wake;  // written to when one of these changes
    mutable std::mutex _mutex;
    std::condition_variable _changed;
    std::size_t _accepted = 0;
    std::vector<Request> _requests;
    std::vector<Clock::time_point> _ends;
    std::thread _thread;
};

}  // namespace consumer

#endif  // PSMDB_TELEMETRY_TESTS_CPP_RECEIVER_H
