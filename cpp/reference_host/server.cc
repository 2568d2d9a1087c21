#include "server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include "log.h"

namespace telemetry_host {
namespace {

using psmdb::telemetry::LogLevel;

// How long to leave waiting connections alone when there is nothing left to accept them with.
constexpr int kPauseMillis = 100;

constexpr std::string_view kNetwork = "NETWORK";

void nameThread(const std::string& name) noexcept {
    ::pthread_setname_np(::pthread_self(), name.c_str());
}

void logNotServed(std::string_view error) {
    writeLog(kNetwork, {29903, LogLevel::warning, "Connection not served", {{"error", error}}});
}

void setOption(const UniqueFd& socket, int level, int option) noexcept {
    const int on = 1;
    ::setsockopt(socket.get(), level, option, &on, sizeof(on));  // a nicety: failing is no harm
}

UniqueFd listenOn(std::uint16_t port) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    setOption(listener, SOL_SOCKET, SO_REUSEADDR);
    if (::bind(listener.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0 ||
        ::listen(listener.get(), SOMAXCONN) != 0) {
        const std::string reason = std::generic_category().message(errno);
        throw StartupError("cannot listen on port " + std::to_string(port) + " (" + reason +
                           "): name a free --port, or 0 for any");
    }
    return listener;
}

// Fills the buffer as bytes come; false if they end or fail before that.
bool receive(const UniqueFd& socket, std::uint8_t* data, std::size_t size) noexcept {
    while (size > 0) {
        const ssize_t got = ::recv(socket.get(), data, size, 0);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        data += got > 0 ? got : 0;
        size -= got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return true;
}

// Never raises SIGPIPE, whose disposition is left as it was found: a library in this process must
// not come to depend on it.
bool sendAll(const UniqueFd& socket, const std::vector<std::uint8_t>& bytes) noexcept {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count =
            ::send(socket.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        sent += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    return true;
}

// Reads and answers messages until the peer goes, sends something that is no message, or is not to
// be answered.
void answerAll(const UniqueFd& socket, const Server::Handler& handler, std::int32_t connectionId) {
    std::uint32_t replyId = 0;
    for (;;) {
        std::vector<std::uint8_t> message(kHeaderSize);
        if (!receive(socket, message.data(), kHeaderSize)) {
            return;
        }
        message.resize(messageLength({message.data(), message.size()}));
        if (!receive(socket, message.data() + kHeaderSize, message.size() - kHeaderSize)) {
            throw BadMessage("a message broke off");
        }
        const Request request = parseRequest({message.data(), message.size()});
        const std::optional<Document> reply = handler(request, connectionId);
        if (!reply ||
            (request.wantsReply && !sendAll(socket, encodeReply(request, *reply, ++replyId)))) {
            return;
        }
    }
}

}  // namespace

Server::Server(std::uint16_t port, Handler handler)
    : _handler(std::move(handler)), _listener(listenOn(port)), _thread(&Server::acceptAll, this) {
}

Server::~Server() {
    stop();
}

std::uint16_t Server::port() const {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    ::getsockname(_listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void Server::stop() {
    _stopping = true;
    ::shutdown(_listener.get(), SHUT_RDWR);  // wakes the thread that accepts
    if (_thread.joinable()) {
        _thread.join();
    }
    std::unique_lock<std::mutex> lock(_mutex);
    for (const int socket : _open) {
        ::shutdown(socket, SHUT_RDWR);
    }
    _ended.wait(lock, [this] { return _open.empty(); });
}

void Server::acceptAll() {
    nameThread("listener");
    std::int32_t connectionId = 0;
    while (!_stopping) {
        UniqueFd socket(::accept4(_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket) {
            setOption(socket, IPPROTO_TCP, TCP_NODELAY);
            begin(std::move(socket), ++connectionId);
        } else if (!_stopping && errno != EINTR && errno != ECONNABORTED) {
            logNotServed(std::generic_category().message(errno));
            ::poll(nullptr, 0, kPauseMillis);
        }
    }
}

void Server::begin(UniqueFd socket, std::int32_t connectionId) {
    const int number = socket.get();
    try {
        const std::lock_guard<std::mutex> lock(_mutex);
        _open.insert(number);
        std::thread(&Server::serve, this, std::move(socket), connectionId).detach();
    } catch (const std::exception& error) {  // no memory or no thread: the client can retry
        const std::lock_guard<std::mutex> lock(_mutex);
        _open.erase(number);
        logNotServed(error.what());
    }
}

void Server::serve(UniqueFd socket, std::int32_t connectionId) {
    nameThread("conn" + std::to_string(connectionId));
    try {
        answerAll(socket, _handler, connectionId);
    } catch (const std::exception& error) {  // BadMessage, or no memory for this one
        writeLog(kNetwork, {22988,
                            LogLevel::info,
                            "Error receiving request from client. Ending connection from remote",
                            {{"error", std::string_view(error.what())},
                             {"connectionId", std::int64_t{connectionId}}}});
    }
    std::unique_lock<std::mutex> lock(_mutex);
    _open.erase(socket.get());
    socket = UniqueFd();
    std::notify_all_at_thread_exit(_ended, std::move(lock));
}

}  // namespace telemetry_host
