// A part of a test in a process of its own: for what cannot be undone, and for what may end the
// process.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_CHILD_H
#define PSMDB_TELEMETRY_TESTS_CPP_CHILD_H

#include <sys/wait.h>

#include "checks.h"
#include "process.h"

namespace consumer {

// Shorter than the program's own, so that it is this process that says what hung.
constexpr unsigned kSecondsUntilChildIsKilled = 60;
constexpr int kChildSkipped = 77;

// Proves something in a child, and waits for its end.
template <typename Body>
void inChild(const std::string& what, const Body& body) {
    std::array<int, 2> ends{};
    expectEqual("pipe()", 0, ::pipe(ends.data()));
    const UniqueFd in(ends[0]);
    UniqueFd out(ends[1]);
    std::cout.flush();
    const pid_t id = ::fork();
    expect(id >= 0, "fork()", std::to_string(errno));
    if (id == 0) {
        ::alarm(kSecondsUntilChildIsKilled);
        const auto end = [&](int code, std::string_view said) {
            ::_exit(::write(out.get(), said.data(), said.size()) >= 0 ? code : 2);
        };
        try {
            body();
            end(0, "");
        } catch (const Skipped& why) {
            end(kChildSkipped, why.what());
        } catch (const std::exception& failure) {
            end(1, failure.what());
        }
    }
    out = UniqueFd();
    std::string said;
    std::array<char, 1024> chunk{};
    for (ssize_t got = 0; (got = ::read(in.get(), chunk.data(), chunk.size())) != 0;) {
        said.append(chunk.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == kChildSkipped) {
        throw Skipped(said);
    }
    expect(status == 0, what + ": the child does what it should",
           WIFSIGNALED(status) ? "ended by signal " + std::to_string(WTERMSIG(status))
                               : "exit code " + std::to_string(WEXITSTATUS(status)) + ": " + said);
}

// In a child: starts this program anew, with these arguments.
[[noreturn]] inline void execThisProgram(std::vector<std::string> arguments) {
    std::string program = "/proc/self/exe";
    std::vector<char*> pointers = {program.data()};
    for (std::string& argument : arguments) {
        pointers.push_back(argument.data());
    }
    pointers.push_back(nullptr);
    ::execv(program.c_str(), pointers.data());
    throw Failure("execv(): " + std::to_string(errno));
}

}  // namespace consumer

#endif  // PSMDB_TELEMETRY_TESTS_CPP_CHILD_H
