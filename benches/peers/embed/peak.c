// How many sums of products one core can do a second, in float32 and in bytes, by width of its vectors. JSON lines.
#include <stdio.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Independent chains: enough to hide the latency of a multiply-add, and few enough for 16 registers.
enum { CHAINS = 12, STEPS = 20000000, RUNS = 15 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

// Runs STEP for each chain, STEPS times, and prints the best run's operations a second; OPS is of one vector.
// The empty assembly keeps the compiler from working out the chains by itself; it costs no instruction.
#define MEASURE(ISA, NUMBER, VECTOR, OPS, STEP)                                                                \
    do {                                                                                                       \
        double best = 1e9;                                                                                     \
        for (int run = 0; run < RUNS; run++) {                                                                 \
            VECTOR chains[CHAINS], a, b;                                                                       \
            memset(&chains, 0, sizeof chains), memset(&a, 0, sizeof a), memset(&b, 0, sizeof b);               \
            double start = now();                                                                              \
            for (int step = 0; step < STEPS; step++) {                                                         \
                _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) {                                    \
                    VECTOR c = chains[i];                                                                      \
                    c = STEP;                                                                                  \
                    __asm__ volatile("" : KEEP(c));                                                            \
                    chains[i] = c;                                                                             \
                }                                                                                              \
            }                                                                                                  \
            double seconds = now() - start;                                                                    \
            if (seconds < best) best = seconds;                                                                \
        }                                                                                                      \
        printf("{\"isa\": \"%s\", \"number\": \"%s\", \"gops\": %.1f}\n", ISA, NUMBER,                         \
               (double)STEPS * CHAINS * (OPS) / best * 1e-9);                                                  \
    } while (0)

#if defined(__x86_64__)
#define KEEP(c) "+v"(c)
#else
#define KEEP(c) "+w"(c)
#endif

// Vectors in the compiler's own notation; it makes one multiply-add of product and sum.
typedef float float_16 __attribute__((vector_size(16)));
typedef float float_32 __attribute__((vector_size(32)));
typedef float float_64 __attribute__((vector_size(64)));

int main(void) {
#if defined(__AVX512F__)
    MEASURE("avx512", "f32", float_64, 2 * 16, a * b + c);
#endif
#if defined(__AVX2__) && defined(__FMA__)
    MEASURE("avx2", "f32", float_32, 2 * 8, a * b + c);
#endif
#if defined(__aarch64__)
    MEASURE("neon", "f32", float_16, 2 * 4, a * b + c);
#endif
#if defined(__AVX512VNNI__)
    MEASURE("avx512", "i8", __m512i, 2 * 64, _mm512_dpbusd_epi32(c, a, b));
#endif
#if defined(__AVXVNNI__)
    MEASURE("avx2", "i8", __m256i, 2 * 32, _mm256_dpbusd_avx_epi32(c, a, b));
#endif
    return 0;
}
