#ifndef COACH_CHIREDIS_SHIM_H
#define COACH_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>

#endif
