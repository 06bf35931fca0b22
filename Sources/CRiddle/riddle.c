#include "riddle.h"
