// An attempt hangs: at an endpoint that accepts, reads the request and never answers, or in the
// server's own HTTP client. Whatever ends it keeps to the budget of 50 ms.

#include "support.h"

using namespace consumer;

namespace {

constexpr std::size_t kRounds = 20;
constexpr int kClientRounds = 10;

enum class How { stop, destroy };

// How long it takes to stop the server with the budget as its deadline, or to destroy the handle.
// If a thread of the library was still there after stop(), that was late.
Millis end(Server& server, How how) {
    if (how == How::destroy) {
        return timed([&] { server.handle.reset(); });
    }
    bool hasEnded = false;
    const Millis took = timed([&] { hasEnded = server.telemetry().stop(kStopBudget); });
    server.expectStatus({{"state", "stopped"}, {"sentAt", "null"}});
    server.handle.reset();
    return hasEnded ? took : std::max<Millis>(took, kStopBudget);
}

// What outlives the Host, to see it from outside.
struct Witness {
    Gate called;
    Gate release;
    std::atomic<bool> isHostGone{false};
    std::atomic<bool> wasHostThereAtTheEnd{false};
};

class HangingHost : public HostWithClient {
public:
    explicit HangingHost(std::shared_ptr<Witness> witness) : _witness(std::move(witness)) {
    }

    ~HangingHost() override {
        _witness->isHostGone = true;
    }

    HttpResponse post(const HttpRequest&) override {
        const std::shared_ptr<Witness> witness = _witness;
        witness->called.open();
        witness->release.pass();
        witness->wasHostThereAtTheEnd = !witness->isHostGone;
        return {200, "", ""};
    }

private:
    const std::shared_ptr<Witness> _witness;
};

// A server whose attempt hangs in post().
struct HangingInPost {
    HangingInPost() {
        server.start(kNowhere);
        witness->called.expectPassed("post() is called");
        server.expectStatus({{"state", "sending"}});
    }
    ~HangingInPost() {
        witness->release.open();
        server.handle.reset();
    }
    HangingInPost(const HangingInPost&) = delete;
    HangingInPost& operator=(const HangingInPost&) = delete;

    // The library's own thread ends, and detaches the one that runs post().
    static void waitUntilAlone() {
        eventually("the library's own thread has ended", [] {
            const std::vector<Thread> left = libraryThreads();
            return left.size() == 1 && left.front().name == "PsmdbTelemetryS";
        });
    }

    // To be called when the handle is gone.
    void expectHostOutlivesPost() {
        server.host->isStopped = true;
        waitUntilAlone();
        expectEqual("lines logged after stop()", 0, server.host->lateLines.load());
        const std::weak_ptr<Host> watched = server.host;
        server.host.reset();
        expect(!watched.expired() && !witness->isHostGone,
               "the Host is kept as long as its post() runs", "it is gone");
        witness->release.open();
        eventually("the Host is destroyed once post() returns",
                   [&] { return witness->isHostGone.load(); });
        waitUntilLibraryThreadsAreGone();
        expect(watched.expired() && witness->wasHostThereAtTheEnd, "the Host goes after post()",
               "it went before");
        server.expectNotDelivered();
    }

    const std::shared_ptr<Witness> witness = std::make_shared<Witness>();
    Server server{std::make_shared<HangingHost>(witness)};
};

}  // namespace

TEST("stop() and the destructor end a hanging attempt within the budget, thread and all") {
    for (const How how : {How::stop, How::destroy}) {
        Receiver receiver = Receiver::silent();
        std::vector<Millis> took;
        for (std::size_t round = 1; round <= kRounds; ++round) {
            Server server;
            server.start(receiver.url());
            receiver.waitForRequests(round);
            server.expectStatus({{"state", "sending"}});
            took.push_back(end(server, how));
            receiver.waitForEnds(round);
            waitUntilLibraryThreadsAreGone();
            server.host->expectNoWarning();
            server.expectNotDelivered();
        }
        expectWithinBudget(how == How::stop ? "stop() returns" : "the destructor returns", took);
    }
}

TEST("switched off at run time, a hanging attempt's connection is closed at once") {
    Receiver receiver = Receiver::silent();
    std::vector<Millis> returned;
    std::vector<Millis> closed;
    for (std::size_t round = 1; round <= kRounds; ++round) {
        const Server server;
        server.start(receiver.url());
        receiver.waitForRequests(round);
        const auto begin = Clock::now();
        returned.push_back(timed([&] { switchAtRuntime(server.telemetry(), false); }));
        closed.push_back(receiver.waitForEnds(round) - begin);
        server.expectStatus({{"state", "off"}});
        server.stop();
        server.host->expectNoWarning();
    }
    expectWithinBudget("set() returns", returned);
    expectWithinBudget("the connection is closed", closed);
}

TEST("stop() and the destructor detach a hanging post(), and the Host is kept until it returns") {
    for (const How how : {How::stop, How::destroy}) {
        std::vector<Millis> took;
        for (int round = 0; round < kClientRounds; ++round) {
            HangingInPost hanging;
            took.push_back(end(hanging.server, how));
            hanging.expectHostOutlivesPost();
        }
        expectWithinBudget(how == How::stop ? "stop() returns" : "the destructor returns", took);
    }
}

TEST("switched off at run time, the answer of a hanging post() is dropped") {
    std::vector<Millis> took;
    for (int round = 0; round < kClientRounds; ++round) {
        const HangingInPost hanging;
        const Server& server = hanging.server;
        took.push_back(timed([&] { switchAtRuntime(server.telemetry(), false); }));
        server.waitUntilOptOutIsStored();
        HangingInPost::waitUntilAlone();
        hanging.witness->release.open();
        waitUntilLibraryThreadsAreGone();
        server.expectStatus({{"state", "off"}, {"sentAt", "null"}});
        server.stop();
    }
    expectWithinBudget("set() returns", took);
}

int main() {
    return prove();
}
