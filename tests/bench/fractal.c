/* What a compiler makes of the plain loop over 32 points at once: `fractal RE IM WIDTH LIMIT COLUMNS ROWS` prints milliseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LANES 32

static long draw(double re, double im, double width, int limit, int columns, int rows) {
  double spacing = width / columns;
  long total = 0;
  for (int row = 0; row < rows; row++) {
    double cy = im + (rows / 2.0 - row - 0.5) * spacing;
    for (int first = 0; first < columns; first += LANES) {
      double cx[LANES], x[LANES], y[LANES], n[LANES];
      for (int l = 0; l < LANES; l++) {
        cx[l] = re + (first + l + 0.5 - columns / 2.0) * spacing;
        x[l] = y[l] = n[l] = 0;
      }
      for (int step = 0; step < limit; step++) {
        int alive = 0;
#pragma omp simd reduction(+ : alive)
        for (int l = 0; l < LANES; l++) {
          double xx = x[l] * x[l], yy = y[l] * y[l], xy = x[l] * y[l];
          int in = xx + yy <= 4.0;
          x[l] = in ? xx - yy + cx[l] : x[l];
          y[l] = in ? xy + xy + cy : y[l];
          n[l] += in;
          alive += in;
        }
        if (!alive) break;
      }
      for (int l = 0; l < LANES; l++) total += (long)n[l];
    }
  }
  return total;
}

int main(int count, char **arguments) {
  if (count != 7) return 1;
  double at[7];
  for (int i = 1; i < 7; i++) at[i] = atof(arguments[i]);
  struct timespec begun, ended;
  clock_gettime(CLOCK_MONOTONIC, &begun);
  volatile long total = draw(at[1], at[2], at[3], (int)at[4], (int)at[5], (int)at[6]);
  clock_gettime(CLOCK_MONOTONIC, &ended);
  (void)total;
  printf("%.3f\n", (ended.tv_sec - begun.tv_sec) * 1e3 + (ended.tv_nsec - begun.tv_nsec) / 1e6);
  return 0;
}
