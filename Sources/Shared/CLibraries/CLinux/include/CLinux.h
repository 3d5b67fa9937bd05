#pragma once
#include <stdint.h>
#include <sys/types.h>

// Linux calls that glibc declares only under _GNU_SOURCE, which Swift's Glibc module does not define.
// Each is the call itself: results and errno are the kernel's.

/// pipe2(2) with O_CLOEXEC: a pipe that no child started meanwhile can inherit.
int coach_pipe_cloexec(int ends[2]);

/// memfd_create(2) with MFD_CLOEXEC.
int coach_memfd(const char *name);

/// Processors that this process may run on, after sched_getaffinity(2); at least 1.
int coach_processors(void);

/// prlimit(2), setting both the soft and the hard limit of another process.
int coach_limit(pid_t process, int resource, uint64_t value);

/// getsockopt(2) of TCP_INFO: bytes of a connection that its peer has acknowledged, and microseconds in which
/// there were bytes to acknowledge. -1 when the kernel does not tell (older than 4.9) or it is no TCP socket.
int coach_tcp_sent(int socket, uint64_t *bytes, uint64_t *microseconds);

/// mkostemp(3) with O_CLOEXEC; `template` ends in XXXXXX and is filled in.
int coach_temporary_file(char *template);
