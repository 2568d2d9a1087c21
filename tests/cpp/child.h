// A part of a test in a process of its own: for what cannot be undone, and for what may end the
// process.

#pragma once

#include <sys/wait.h>

#include "checks.h"
#include "process.h"

namespace consumer {

// Shorter than the program's own, so that it is this process that says what hung.
constexpr unsigned kSecondsUntilChildIsKilled = 60;
constexpr int kChildSkipped = 77;

// Proves something in a child, which says what was wrong, and waits for its end.
template <typename Body>
void inChild(const std::string& what, const Body& body) {
    std::cout.flush();
    const pid_t id = ::fork();
    expect(id >= 0, "fork()", std::to_string(errno));
    if (id == 0) {
        ::alarm(kSecondsUntilChildIsKilled);
        int code = 0;
        try {
            body();
        } catch (const Skipped& why) {
            std::cout << "   " << what << ": " << why.what() << std::endl;
            code = kChildSkipped;
        } catch (const std::exception& failure) {
            std::cout << what << ": " << failure.what() << std::endl;
            code = 1;
        }
        ::_exit(code);
    }
    int status = 0;
    while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == kChildSkipped) {
        throw Skipped("the child has said why");
    }
    expect(status == 0, what + ": the child does what it should",
           WIFSIGNALED(status) ? "ended by signal " + std::to_string(WTERMSIG(status))
                               : "exit code " + std::to_string(WEXITSTATUS(status)));
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
