#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <unistd.h>

int coach_pipe_cloexec(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int coach_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int coach_limit(pid_t process, int resource, uint64_t value) {
    struct rlimit bound = {.rlim_cur = value, .rlim_max = value};
    return prlimit(process, resource, &bound, NULL);
}

int coach_temporary_file(char *template) { return mkostemp(template, O_CLOEXEC); }

int coach_tcp_sent(int socket, uint64_t *bytes, uint64_t *microseconds) {
    struct tcp_info info;
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return -1;
    if (length < offsetof(struct tcp_info, tcpi_busy_time) + sizeof info.tcpi_busy_time) return -1;
    *bytes = info.tcpi_bytes_acked;
    *microseconds = info.tcpi_busy_time;
    return 0;
}

int coach_processors(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}
