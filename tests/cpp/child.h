// A part of a scenario in a process of its own: for what cannot be undone, and for what may end the
// process.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_CHILD_H
#define PSMDB_TELEMETRY_TESTS_CPP_CHILD_H

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cerrno>
#include <exception>
#include <string>

#include "receiver.h"
#include "support.h"

namespace consumer {

// Shorter than the program's own, so that it is this process that says what hung.
constexpr unsigned kSecondsUntilChildIsKilled = 60;

struct Ended {
    int waitStatus = 0;
    std::string said;

    bool isWell() const {
        return WIFEXITED(waitStatus) && WEXITSTATUS(waitStatus) == 0;
    }

    std::string text() const {
        const std::string how =
            WIFSIGNALED(waitStatus)
                ? "ended by signal " + std::to_string(WTERMSIG(waitStatus))
                : "ended with exit code " + std::to_string(WEXITSTATUS(waitStatus));
        return how + (said.empty() ? "" : ": " + said);
    }
};

constexpr int kChildSkipped = 77;

// A child that runs, and is waited for.
class Child {
public:
    template <typename Body>
    explicit Child(const Body& body) {
        std::array<int, 2> ends{};
        expectEqual("pipe()", 0, ::pipe(ends.data()));
        UniqueFd out(ends[1]);
        _said = UniqueFd(ends[0]);
        std::cout.flush();
        _id = ::fork();
        expect(_id >= 0, "fork()", std::to_string(errno));
        if (_id == 0) {
            ::alarm(kSecondsUntilChildIsKilled);
            ::_exit(run(body, out.get()));
        }
    }

    Ended wait() {
        Ended ended;
        std::array<char, 1024> chunk{};
        for (ssize_t got = 0; (got = ::read(_said.get(), chunk.data(), chunk.size())) != 0;) {
            if (got > 0) {
                ended.said.append(chunk.data(), static_cast<std::size_t>(got));
            }
        }
        while (::waitpid(_id, &ended.waitStatus, 0) < 0 && errno == EINTR) {
        }
        return ended;
    }

    void expectWell(const std::string& what) {
        const Ended ended = wait();
        if (WIFEXITED(ended.waitStatus) && WEXITSTATUS(ended.waitStatus) == kChildSkipped) {
            throw Skipped(ended.said);
        }
        expect(ended.isWell(), what + ": the child does what it should", ended.text());
    }

private:
    template <typename Body>
    static int run(const Body& body, int out) {
        const auto say = [&](const char* what) {
            return ::write(out, what, std::string_view(what).size()) >= 0;
        };
        try {
            body();
            return 0;
        } catch (const Skipped& why) {
            return say(why.what()) ? kChildSkipped : 1;
        } catch (const std::exception& failure) {
            return say(failure.what()) ? 1 : 2;
        }
    }

    pid_t _id = -1;
    UniqueFd _said{-1};
};

// Proves something in a child.
template <typename Body>
void inChild(const std::string& what, const Body& body) {
    Child(body).expectWell(what);
}

}  // namespace consumer

#endif  // PSMDB_TELEMETRY_TESTS_CPP_CHILD_H
