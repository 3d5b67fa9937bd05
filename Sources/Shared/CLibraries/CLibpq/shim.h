#ifndef COACH_CLIBPQ_SHIM_H
#define COACH_CLIBPQ_SHIM_H

#include <libpq-fe.h>

/* Swift does not import macros that are character literals. */
enum {
    COACH_DIAG_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED,
    COACH_DIAG_SQLSTATE = PG_DIAG_SQLSTATE,
    COACH_DIAG_MESSAGE = PG_DIAG_MESSAGE_PRIMARY,
    COACH_DIAG_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME
};

#endif
