// The kernel says no: no more threads, no sockets. What follows is a state and a sentence, and the
// server goes on. (No more descriptors: tests/limits.rs. Threads at other moments:
// failing_calls.cc.)

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "support.h"

using namespace consumer;

namespace {

// Nobody, on every Linux.
constexpr uid_t kNobody = 65534;

// From now on these system calls give an error, as in a sandbox.
void deny(const std::vector<unsigned>& calls, unsigned error) {
    std::vector<sock_filter> rules = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
    for (const unsigned call : calls) {
        rules.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
        rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
    }
    rules.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program = {static_cast<unsigned short>(rules.size()), rules.data()};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
        throw Skipped("seccomp cannot be used here: errno " + std::to_string(errno));
    }
}

void expectFailedStart(const Server& server, const std::string& why) {
    server.start("http://127.0.0.1:1/");
    server.expectFailed(why);
    server.stop();
    server.dbpath.expectEmpty();
}

void expectNoSocket(unsigned error, const std::string& why) {
    inChild("without sockets", [&] {
        deny({SYS_socket}, error);
        const Server server;
        server.startUntil("will retry error=\"" + why, "http://127.0.0.1:1/");
        server.expectStatus({{"state", "retrying"}});
        expectContains("lastError", why, member(server.telemetry(), "lastError"));
        server.host->expectNoWarning();
        server.stop();
        server.expectNotDelivered();
    });
}

}  // namespace

TEST("no process left for the user is a state") {
    const Server server;  // made by who can remove its folder
    inChild("as a user who may have no other process", [&] {
        ::chmod(server.dbpath.path().c_str(), 0777);
        if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
            throw Skipped("root cannot become another user here");
        }
        setLimit(RLIMIT_NPROC, 0);
        expectFailedStart(server, "Resource temporarily unavailable");
    });
}

TEST("a seccomp filter that denies sockets is an endpoint that cannot be reached") {
    expectNoSocket(EPERM, "Operation not permitted");
    expectNoSocket(EACCES, "Permission denied");
}

TEST("a seccomp filter that denies threads is a state") {
    inChild("without threads", [] {
        deny({SYS_clone, SYS_clone3}, EPERM);
        expectFailedStart(Server(), "Operation not permitted");
    });
}

int main() {
    return prove();
}
