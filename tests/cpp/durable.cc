// The order of what reaches the disk and the network: an id that is not durable is never sent.

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

// What the library asked of the kernel, in order; only what touches the dbpath or the network.
class Journal {
public:
    void watch(const std::string& dbpath) {
        const std::lock_guard<std::mutex> lock(_mutex);
        _dbpath = dbpath;
        _events.clear();
    }

    void note(const std::string& what, const std::string& path) {
        const std::lock_guard<std::mutex> lock(_mutex);
        if (!_dbpath.empty() && path.rfind(_dbpath, 0) == 0) {
            const std::string name = path.size() > _dbpath.size() ? path.substr(_dbpath.size() + 1)
                                                                  : std::string("the folder");
            _events.push_back(what + " " + name);
        }
    }

    void noteConnect() {
        const std::lock_guard<std::mutex> lock(_mutex);
        if (!_dbpath.empty()) {
            _events.push_back("connect");
        }
    }

    std::vector<std::string> events() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _events;
    }

private:
    mutable std::mutex _mutex;  // protects both
    std::string _dbpath;
    std::vector<std::string> _events;
};

Journal& journal() {
    static Journal instance;
    return instance;
}

template <typename Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string pathOf(int descriptor) {
    std::error_code error;
    const auto link = "/proc/self/fd/" + std::to_string(descriptor);
    return std::filesystem::read_symlink(link, error).string();
}

// Starts on a dbpath and expects that what is there is made durable, sent, and marked durably.
void expectDurableBeforeSent(const TempDir& dbpath) {
    const std::string folder = std::filesystem::canonical(dbpath.path()).string();
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    journal().watch(folder);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);

    const std::vector<std::string> stored = {"fsync telemetry_uuid.tmp", "rename telemetry_uuid",
                                             "fsync the folder"};
    std::vector<std::string> expected = stored;
    expected.push_back("connect");
    expected.insert(expected.end(), stored.begin(), stored.end());
    expectEqual("what was asked of the kernel", joined(expected), joined(journal().events()));
}

void aNewIdentity() {
    const TempDir dbpath;
    expectDurableBeforeSent(dbpath);
}

// A crash may have come between the rename and the sync of the folder.
void aReportThatAnEarlierStartStored() {
    const TempDir dbpath;
    std::ofstream(dbpath.path() + "/telemetry_uuid")
        << "instanceId:6aef422e-56a7-4530-af9d-94cc02198343\n"
           "reportId:c416c3ee-48cd-471c-9733-37c2886f8231\n"
           "createTime:2023-11-01T10:46:23Z\n"
           "deployment:PACKAGE\n"
           "pillar_version:4.4.26-25\n"
           "OS:Oracle Linux Server 8.8\n"
           "hardware_arch:x86_64 x86_64\n";
    expectDurableBeforeSent(dbpath);
}

}  // namespace
}  // namespace consumer

extern "C" int fsync(int descriptor) {
    consumer::journal().note("fsync", consumer::pathOf(descriptor));
    return consumer::next<int(int)>("fsync")(descriptor);
}

extern "C" int renameat(int fromFolder, const char* from, int toFolder, const char* to) noexcept {
    consumer::journal().note("rename", consumer::pathOf(toFolder) + "/" + to);
    return consumer::next<int(int, const char*, int, const char*)>("renameat")(fromFolder, from,
                                                                               toFolder, to);
}

extern "C" int connect(int descriptor, const sockaddr* address, socklen_t length) {
    consumer::journal().noteConnect();
    return consumer::next<int(int, const sockaddr*, socklen_t)>("connect")(descriptor, address,
                                                                           length);
}

int main() {
    return consumer::prove(
        {{"an identity is on disk before the first connection is opened", consumer::aNewIdentity},
         {"a stored report is on disk before it is sent",
          consumer::aReportThatAnEarlierStartStored}});
}
