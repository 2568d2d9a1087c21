// The kernel says no: no more threads, no more descriptors, no sockets. What follows is a state and
// a sentence, and the server lives. (For limits met at other moments: no_thread.cc.)

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

// Nobody, on every Linux.
constexpr uid_t kNobody = 65534;

// Does something in each log().
class ActingHost : public RecordingHost {
public:
    void log(const LogEvent& event) override {
        RecordingHost::log(event);
        if (act) {
            act();
        }
    }

    std::function<void()> act;
};

void setLimit(int resource, rlim_t value) {
    rlimit limit{};
    ::getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    limit.rlim_cur = value;
    expectEqual("setrlimit()", 0, ::setrlimit(static_cast<__rlimit_resource>(resource), &limit));
}

void expectFailed(const Telemetry& telemetry, const RecordingHost& host, const std::string& why) {
    expectEqual("state", "failed", state(telemetry));
    expectContains("lastError", why, member(telemetry, "lastError"));
    host.expectOneWarning(why);
}

// Takes all descriptors that the process may have.
class AllDescriptors {
public:
    void take() {
        for (int fd = ::dup(STDIN_FILENO); fd >= 0; fd = ::dup(STDIN_FILENO)) {
            _taken.emplace_back(fd);
        }
        expectEqual("errno of dup()", EMFILE, errno);
    }

    void giveBack() {
        _taken.clear();
    }

private:
    std::vector<UniqueFd> _taken;
};

constexpr const char* kNoDescriptor = "Too many open files";

// Starts what failed once more, and expects the same identity, if there was one.
void expectNextStartDelivers(const TempDir& dbpath, const Receiver& receiver) {
    const std::string instanceId = stored(dbpath, "instanceId");
    const std::string reportId = stored(dbpath, "reportId");
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    if (!instanceId.empty()) {
        expectEqual("instanceId", instanceId, stored(dbpath, "instanceId"));
        expectEqual("reportId", reportId, stored(dbpath, "reportId"));
    }
}

void noDescriptorForTheStart() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    {
        setLimit(RLIMIT_NOFILE, 64);
        AllDescriptors all;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        all.take();
        start(telemetry, dbpath, receiver.url());
        host->waitFor(kNoDescriptor);
        expectFailed(telemetry, *host, kNoDescriptor);
        all.giveBack();
        expectStopped(telemetry);
        expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
    }
    expectNextStartDelivers(dbpath, receiver);
    expectEqual("connections", 1U, receiver.connections());
}

void noDescriptorForTheAttempt() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    {
        setLimit(RLIMIT_NOFILE, 64);
        AllDescriptors all;
        const auto host = std::make_shared<ActingHost>();
        Gate announced;
        host->act = [&] {
            if (host->lines().size() == 1) {
                all.take();
                announced.open();
            }
        };
        Telemetry telemetry(host);
        start(telemetry, dbpath, receiver.url());
        announced.expectPassed("the line before the first attempt");
        host->waitFor(kNoDescriptor);
        expectFailed(telemetry, *host, kNoDescriptor);
        all.giveBack();
        expectStopped(telemetry);
        expectEqual("length of the stored instanceId", 36U, stored(dbpath, "instanceId").size());
    }
    expectEqual("connections", 0U, receiver.connections());
    expectNextStartDelivers(dbpath, receiver);
}

void noThreadForTheUser() {
    inChild("as a user who may have no other process", [] {
        const TempDir dbpath;
        if (::geteuid() == 0) {
            ::chmod(dbpath.path().c_str(), 0777);
            if (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) {
                throw Skipped("root cannot become another user here");
            }
        }
        setLimit(RLIMIT_NPROC, 0);
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        start(telemetry, dbpath, "http://127.0.0.1:1/");
        expectFailed(telemetry, *host, "Resource temporarily unavailable");
        expectStopped(telemetry);
        expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
    });
}

// From now on these system calls give an error, as in a sandbox.
void deny(const std::vector<long>& calls, int error) {
    std::vector<sock_filter> rules = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const long call : calls) {
        rules.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
        rules.push_back(
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)));
    }
    rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program = {static_cast<unsigned short>(rules.size()), rules.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        throw Skipped("seccomp cannot be used here: errno " + std::to_string(errno));
    }
}

void socketsAreDenied() {
    const std::vector<std::pair<int, std::string>> errors = {{EPERM, "Operation not permitted"},
                                                             {EACCES, "Permission denied"}};
    for (const auto& [error, words] : errors) {
        inChild("without sockets", [number = error, why = words] {
            deny({SYS_socket}, number);
            const TempDir dbpath;
            const auto host = std::make_shared<RecordingHost>();
            Telemetry telemetry(host);
            start(telemetry, dbpath, "http://127.0.0.1:1/");
            host->waitFor("will retry error=\"" + why);
            expectEqual("state", "retrying", state(telemetry));
            expectContains("lastError", why, member(telemetry, "lastError"));
            expectEqual("warnings", 0U, host->warnings().size());
            expectStopped(telemetry);
            expectEqual("stored mark", "", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
        });
    }
}

void threadsAreDenied() {
    inChild("without threads", [] {
        deny({SYS_clone, SYS_clone3}, EPERM);
        const TempDir dbpath;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        start(telemetry, dbpath, "http://127.0.0.1:1/");
        expectFailed(telemetry, *host, "Operation not permitted");
        expectStopped(telemetry);
        expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
    });
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"no descriptor left at the start is a state, and the next start delivers",
         [] { inChild("with all descriptors taken", noDescriptorForTheStart); }},
        {"no descriptor left for the attempt is a state, and the next start delivers",
         [] { inChild("with all descriptors taken", noDescriptorForTheAttempt); }},
        {"no process left for the user is a state", noThreadForTheUser},
        {"a seccomp filter that denies sockets is an endpoint that cannot be reached",
         socketsAreDenied},
        {"a seccomp filter that denies threads is a state", threadsAreDenied},
    });
}
