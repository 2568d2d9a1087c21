#include "dbpath_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "startup_error.h"

namespace telemetry_host {
namespace {

std::string reason(int error) {
    return std::generic_category().message(error);
}

void requireDirectory(const std::string& dbpath) {
    struct stat status {};
    if (::stat(dbpath.c_str(), &status) != 0) {
        const int error = errno;
        if (error == ENOENT) {
            throw StartupError("dbpath '" + dbpath +
                               "' does not exist: create it, or name an existing directory");
        }
        throw StartupError("dbpath '" + dbpath + "' cannot be used (" + reason(error) +
                           "): name a directory that this user can read and write");
    }
    if (!S_ISDIR(status.st_mode)) {
        throw StartupError("dbpath '" + dbpath + "' is not a directory: name an existing one");
    }
}

}  // namespace

DbpathLock::DbpathLock(const std::string& dbpath) {
    requireDirectory(dbpath);

    const std::string path = dbpath + "/mongod.lock";
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) {
        throw StartupError("'" + path + "' cannot be opened (" + reason(errno) +
                           "): the dbpath must be a directory that this user can write");
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        throw StartupError(error == EWOULDBLOCK
                               ? "dbpath '" + dbpath +
                                     "' is in use by another server: stop that one, or name "
                                     "another directory"
                               : "'" + path + "' cannot be locked (" + reason(error) +
                                     "): the dbpath must be on a file system with locks");
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.get(), 0) != 0 ||
        ::pwrite(file.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        throw StartupError("'" + path + "' cannot be written (" + reason(errno) +
                           "): the dbpath must be a directory that this user can write");
    }
    _file = std::move(file);
}

DbpathLock::~DbpathLock() {
    // Emptied while still locked. If that fails a process id is left in it, which locks nothing.
    [[maybe_unused]] const int ignored = ::ftruncate(_file.get(), 0);
}

}  // namespace telemetry_host
