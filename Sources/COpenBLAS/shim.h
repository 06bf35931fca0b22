#pragma once
#include <cblas.h>
#include <stddef.h>

// Debian's OpenBLAS ships Fortran LAPACK without the LAPACKE headers: the few routines we call are declared here.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info, size_t uplo_len);
void dpotrs_(const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, double *b,
             const int *ldb, int *info, size_t uplo_len);
