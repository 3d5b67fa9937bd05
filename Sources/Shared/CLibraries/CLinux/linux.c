#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <stdlib.h>
#include <unistd.h>

int coach_pipe_cloexec(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int coach_memfd(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int coach_limit(pid_t process, int resource, uint64_t value) {
    struct rlimit bound = {.rlim_cur = value, .rlim_max = value};
    return prlimit(process, resource, &bound, NULL);
}

int coach_temporary_file(char *template) { return mkostemp(template, O_CLOEXEC); }
