#include "dbpath_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "options.h"

namespace telemetry_host {

DbpathLock::DbpathLock(const std::string& dbpath) {
    const auto unusable = [&dbpath](const char* what) {
        const std::string reason = std::generic_category().message(errno);
        return StartupError("dbpath '" + dbpath + "' " + what + " (" + reason +
                            "): name an existing directory that this user can read and write");
    };
    const std::string path = dbpath + "/mongod.lock";
    _file = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!_file) {
        throw unusable("cannot be used");
    }
    if (::flock(_file.get(), LOCK_EX | LOCK_NB) != 0) {
        throw errno == EWOULDBLOCK
            ? StartupError(
                  "dbpath '" + dbpath +
                  "' is in use by another server: stop that one, or name another directory")
            : unusable("cannot be locked");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(_file.get(), 0) != 0 ||
        ::pwrite(_file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        throw unusable("cannot be written");
    }
}

DbpathLock::~DbpathLock() {
    // Emptied while still locked. If that fails a process id is left in it, which locks nothing.
    [[maybe_unused]] const int ignored = ::ftruncate(_file.get(), 0);
}

}  // namespace telemetry_host
