#include "sockets.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <system_error>

#include "startup_error.h"

namespace telemetry_host {
namespace {

// Memory follows what was really sent, not what a length field promises.
constexpr std::size_t kReceiveChunk = 16 * 1024;

struct FreeAddresses {
    void operator()(addrinfo* addresses) const noexcept {
        ::freeaddrinfo(addresses);
    }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& address, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
    const std::string numeric = address == "localhost" ? "127.0.0.1" : address;
    addrinfo* found = nullptr;
    if (::getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
        throw StartupError("--bind_ip takes one address in numbers, such as 127.0.0.1, not '" +
                           address + "'");
    }
    return Addresses(found);
}

void setOption(const UniqueFd& socket, int level, int option) noexcept {
    const int on = 1;
    ::setsockopt(socket.get(), level, option, &on, sizeof(on));  // a nicety: failing is no harm
}

}  // namespace

UniqueFd listenOn(const std::string& address, std::uint16_t port) {
    const Addresses addresses = resolve(address, port);
    UniqueFd listener(
        ::socket(addresses->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (listener) {
        setOption(listener, SOL_SOCKET, SO_REUSEADDR);
    }
    if (!listener || ::bind(listener.get(), addresses->ai_addr, addresses->ai_addrlen) != 0 ||
        ::listen(listener.get(), SOMAXCONN) != 0) {
        const std::string reason = std::generic_category().message(errno);
        throw StartupError("cannot listen on " + address + " port " + std::to_string(port) + " (" +
                           reason + "): name a free --port, or 0 for any, and this host's address");
    }
    return listener;
}

UniqueFd acceptFrom(const UniqueFd& listener) noexcept {
    UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket) {
        setOption(socket, IPPROTO_TCP, TCP_NODELAY);
    }
    return socket;
}

std::uint16_t localPort(const UniqueFd& socket) noexcept {
    sockaddr_in6 address{};  // the port stands at the same place in both families
    socklen_t size = sizeof(address);
    const bool known =
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0;
    return known ? ntohs(address.sin6_port) : std::uint16_t{0};
}

bool isPeerOnLoopback(const UniqueFd& socket) noexcept {
    sockaddr_in6 v6{};  // large enough for both families
    socklen_t size = sizeof(v6);
    if (::getpeername(socket.get(), reinterpret_cast<sockaddr*>(&v6), &size) != 0) {
        return false;
    }
    constexpr std::uint8_t loopbackNet = 127;
    if (v6.sin6_family == AF_INET) {
        const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&v6);
        return ntohl(v4->sin_addr.s_addr) >> 24 == loopbackNet;
    }
    return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr) && v6.sin6_addr.s6_addr[12] == loopbackNet);
}

bool receive(const UniqueFd& socket, std::vector<std::uint8_t>& buffer, std::size_t size) {
    while (size > 0) {
        const std::size_t chunk = std::min(size, kReceiveChunk);
        const std::size_t filled = buffer.size();
        buffer.resize(filled + chunk);
        const ssize_t got = ::recv(socket.get(), buffer.data() + filled, chunk, 0);
        const std::size_t received = got > 0 ? static_cast<std::size_t>(got) : 0;
        buffer.resize(filled + received);
        size -= received;
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
    }
    return true;
}

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

void shutDownSocket(const UniqueFd& socket) noexcept {
    ::shutdown(socket.get(), SHUT_RDWR);
}

}  // namespace telemetry_host
