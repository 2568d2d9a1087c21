#include "server.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>

#include "connection.h"
#include "log.h"
#include "sockets.h"

namespace telemetry_host {
namespace {

// How long to leave waiting connections alone when there is nothing left to accept them with.
constexpr int kPauseMillis = 100;

void nameThread(const std::string& name) noexcept {
    ::pthread_setname_np(::pthread_self(), name.c_str());
}

void logNotServed(std::string_view error) {
    writeLog(kNetwork, {29903, LogLevel::warning, "Connection not served", {{"error", error}}});
}

UniqueFd makeEvent() {
    UniqueFd event(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!event) {
        throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    return event;
}

}  // namespace

Server::Server(const std::string& address, std::uint16_t port, Handler handler)
    : _handler(std::move(handler)),
      _listener(listenOn(address, port)),
      _wakeUp(makeEvent()),
      _thread(&Server::listenLoop, this) {
}

Server::~Server() {
    stop();
}

std::uint16_t Server::port() const {
    return localPort(_listener);
}

void Server::stop() {
    _stopping = true;
    wake();
    if (_thread.joinable()) {
        _thread.join();
    }
}

void Server::wake() noexcept {
    ::eventfd_write(_wakeUp.get(), 1);
}

void Server::listenLoop() {
    nameThread("listener");
    while (!_stopping) {
        std::array<pollfd, 2> waits{{{_wakeUp.get(), POLLIN, 0}, {_listener.get(), POLLIN, 0}}};
        ::poll(waits.data(), waits.size(), -1);
        if (waits[0].revents != 0) {
            eventfd_t count = 0;
            ::eventfd_read(_wakeUp.get(), &count);
            removeFinished();
        }
        if (waits[1].revents != 0) {
            try {
                acceptOne();
            } catch (const std::exception& error) {  // no memory or no thread: the client can retry
                logNotServed(error.what());
            }
        }
    }
    closeAll();
}

void Server::acceptOne() {
    UniqueFd socket = acceptFrom(_listener);
    if (!socket) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            logNotServed(std::generic_category().message(errno));
            pollfd wait{_wakeUp.get(), POLLIN, 0};
            ::poll(&wait, 1, kPauseMillis);
        }
        return;
    }
    if (_open >= kMaxConnections) {
        writeLog(kNetwork, {22942,
                            LogLevel::info,
                            "Connection refused because there are too many open connections",
                            {{"connectionCount", std::int64_t{_open}}}});
        return;
    }
    Peer peer;
    peer.connectionId = ++_ever;
    peer.onLoopback = isPeerOnLoopback(socket);

    Connection& connection = _connections.emplace_back(std::move(socket));
    ++_open;
    try {
        connection.thread = std::thread(&Server::serve, this, std::ref(connection), peer);
    } catch (...) {
        --_open;
        _connections.pop_back();
        throw;
    }
}

void Server::serve(Connection& connection, Peer peer) {
    nameThread("conn" + std::to_string(peer.connectionId));
    const auto why = serveConnection(connection.socket, [this, &peer](const Request& request) {
        peer.connectionsOpen = _open;
        peer.connectionsAvailable = kMaxConnections - peer.connectionsOpen;
        peer.connectionsEver = _ever;
        return _handler(request, peer);
    });
    if (why && !_stopping) {
        writeLog(kNetwork, {22988,
                            LogLevel::info,
                            "Error receiving request from client. Ending connection from remote",
                            {{"error", std::string_view(*why)},
                             {"connectionId", std::int64_t{peer.connectionId}}}});
    }
    shutDownSocket(connection.socket);  // the peer need not wait until it is removed
    --_open;
    connection.done = true;
    wake();
}

void Server::removeFinished() {
    for (auto at = _connections.begin(); at != _connections.end();) {
        if (at->done) {
            at->thread.join();
            at = _connections.erase(at);
        } else {
            ++at;
        }
    }
}

void Server::closeAll() {
    _listener = UniqueFd();
    for (Connection& connection : _connections) {
        shutDownSocket(connection.socket);
    }
    for (Connection& connection : _connections) {
        connection.thread.join();
    }
    _connections.clear();
}

}  // namespace telemetry_host
