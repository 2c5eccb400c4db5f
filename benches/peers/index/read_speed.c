// How fast one core reads memory: the sum of a buffer of float32, by the buffer's size. Prints JSON lines.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// Enough accumulators to hide the latency of an addition in any vector width; the compiler makes vectors of them.
enum { LANES = 128 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

static float sum(const float *numbers, size_t count) {
    float lanes[LANES] = {0};
    for (size_t i = 0; i + LANES <= count; i += LANES)
        for (int lane = 0; lane < LANES; lane++) lanes[lane] += numbers[i + lane];
    float total = 0;
    for (int lane = 0; lane < LANES; lane++) total += lanes[lane];
    return total;
}

int main(void) {
    // Memory, the shared cache, the vectors of 25,000 byte-sized posts, a core's own cache.
    const size_t sizes[] = {1UL << 30, 153600000, 38400000, 4000000, 400000};
    volatile float sink;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t count = sizes[s] / sizeof(float);
        float *numbers = aligned_alloc(64, (sizes[s] + 63) / 64 * 64);
        if (!numbers) return 1;
        for (size_t i = 0; i < count; i++) numbers[i] = (float)(i % 7);
        sink = sum(numbers, count);
        double best = 1e9, spent = 0;
        for (int run = 0; run < 10 || spent < 0.5; run++) {
            double start = now();
            sink = sum(numbers, count);
            double seconds = now() - start;
            spent += seconds;
            if (seconds < best) best = seconds;
        }
        printf("{\"bytes\": %zu, \"gb_per_s\": %.2f}\n", sizes[s], sizes[s] / best * 1e-9);
        free(numbers);
    }
    (void)sink;
    return 0;
}
