// The least that the library's job can take: a first start done by a program with nothing to spare,
// to compare the library's cost with. It does what must be done to make an identity, to store it
// durably before it is sent, to send it, and to mark that. Whatever goes wrong ends the program.
//
// usage: floor DBPATH ANYTHING perconaTelemetryUrl=http://127.0.0.1:PORT/PATH

#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include <valgrind/callgrind.h>

static const char* dbpath;
static unsigned short port;
static char path[256];

static long must(long result) {
    if (result < 0) {
        perror("floor");
        exit(1);
    }
    return result;
}

static void makeUuid(char* text) {
    unsigned char b[16];
    must(getrandom(b, sizeof b, 0));
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    for (int i = 0; i < 16; ++i) {
        const char* const digits = "0123456789abcdef";
        *text++ = digits[b[i] >> 4];
        *text++ = digits[b[i] & 15];
        if (i == 3 || i == 5 || i == 7 || i == 9) {
            *text++ = '-';
        }
    }
    *text = 0;
}

// gmtime() would read the files of the time zone.
static void nowAsText(char* text, size_t size) {
    const unsigned long now = (unsigned long)time(NULL), seconds = now % 86400;
    unsigned long day = now / 86400 + 719468;  // since the first of March of the year 0
    const unsigned long era = day / 146097;
    day %= 146097;
    const unsigned long years = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * years + years / 4 - years / 100;
    const unsigned long shifted = (5 * day + 2) / 153,
                        month = shifted < 10 ? shifted + 3 : shifted - 9;
    snprintf(text, size, "%04lu-%02lu-%02luT%02lu:%02lu:%02luZ", years + era * 400 + (month <= 2),
             month, day - (153 * shifted + 2) / 5 + 1, seconds / 3600, seconds / 60 % 60,
             seconds % 60);
}

static void readOs(char* os, size_t size) {
    char text[2048];
    const int file = (int)must(open("/etc/os-release", O_RDONLY | O_CLOEXEC));
    text[must(read(file, text, sizeof text - 1))] = 0;
    close(file);
    const char* const name = strstr(text, "PRETTY_NAME=\"");
    if (name == NULL) {
        exit(1);
    }
    snprintf(os, size, "%.*s", (int)strcspn(name + 13, "\""), name + 13);
}

static void post(const char* body, int length) {
    char text[2048];
    const int size = snprintf(text, sizeof text,
                              "POST %s HTTP/1.1\r\nhost: 127.0.0.1:%u\r\nuser-agent: floor\r\n"
                              "content-type: application/json\r\ncontent-length: %d\r\n\r\n%s",
                              path, port, length, body);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int peer = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    must(connect(peer, (struct sockaddr*)&to, sizeof to));
    must(send(peer, text, (size_t)size, MSG_NOSIGNAL));
    text[must(recv(peer, text, sizeof text - 1, 0))] = 0;
    close(peer);
    if (strncmp(text, "HTTP/1.1 200", 12) != 0) {
        exit(1);
    }
}

static void* job(void* unused) {
    char id[37], instance[37], time[80], os[256], file[1024], body[1024];
    struct utsname host;
    const int folder = (int)must(open(dbpath, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (faccessat(folder, "telemetry_uuid", F_OK, 0) == 0) {
        exit(1);
    }
    makeUuid(id);
    makeUuid(instance);
    nowAsText(time, sizeof time);
    readOs(os, sizeof os);
    must(uname(&host));

    const int size = snprintf(file, sizeof file,
                              "instanceId:%s\nreportId:%s\ncreateTime:%s\ndeployment:PACKAGE\n"
                              "pillar_version:4.4.26-25\nOS:%s\nhardware_arch:%s unknown\n",
                              instance, id, time, os, host.machine);
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    const int temporary = (int)must(openat(folder, "telemetry_uuid.tmp", flags, 0600));
    must(write(temporary, file, (size_t)size));
    must(fsync(temporary));
    close(temporary);
    must(renameat(folder, "telemetry_uuid.tmp", folder, "telemetry_uuid"));
    must(fsync(folder));

    post(body, snprintf(body, sizeof body,
                        "{\"reports\":[{\"id\":\"%s\",\"product_family\":\"PRODUCT_FAMILY_PSMDB\","
                        "\"instanceId\":\"%s\",\"createTime\":\"%s\",\"metrics\":["
                        "{\"key\":\"deployment\",\"value\":\"PACKAGE\"},"
                        "{\"key\":\"pillar_version\",\"value\":\"4.4.26-25\"},"
                        "{\"key\":\"OS\",\"value\":\"%s\"},"
                        "{\"key\":\"hardware_arch\",\"value\":\"%s unknown\"}]}]}",
                        id, instance, time, os, host.machine));

    const int stored = (int)must(openat(folder, "telemetry_uuid", O_WRONLY | O_APPEND | O_CLOEXEC));
    nowAsText(time, sizeof time);
    const int length = snprintf(file, sizeof file, "sentAt:%s\nPRODUCT_FAMILY_PSMDB:1\n", time);
    must(write(stored, file, (size_t)length));
    close(stored);
    return unused;
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int count, char** words) {
    if (count != 4 ||
        sscanf(words[3], "perconaTelemetryUrl=http://127.0.0.1:%hu%255s", &port, path) != 2) {
        return 1;
    }
    dbpath = words[1];
    struct rusage before, after;
    pthread_t thread;
    getrusage(RUSAGE_SELF, &before);
    (void)access("/mark/begin", F_OK);
    CALLGRIND_ZERO_STATS;
    const double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (pthread_create(&thread, NULL, job, NULL) != 0) {
        return 1;
    }
    CALLGRIND_DUMP_STATS_AT("started");
    (void)access("/mark/started", F_OK);
    const double waiting = now(CLOCK_THREAD_CPUTIME_ID);
    pthread_join(thread, NULL);
    const double waited = now(CLOCK_THREAD_CPUTIME_ID) - waiting;
    const double end = now(CLOCK_PROCESS_CPUTIME_ID) - waited;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"cpu_us\": %.1f, \"page_faults\": %ld}\n", end - cpu,
           after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt);
    return 0;
}
