// A file descriptor that is closed when its owner goes.

#pragma once

#include <unistd.h>

#include <utility>

namespace telemetry_host {

class UniqueFd {
public:
    UniqueFd() noexcept = default;
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

    explicit operator bool() const noexcept {
        return _fd >= 0;
    }

private:
    int _fd = -1;
};

}  // namespace telemetry_host
