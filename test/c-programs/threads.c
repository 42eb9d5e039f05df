#define _GNU_SOURCE
#include <pthread.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, dynamic;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int counter, spun, ran, slot, full;
static void init(void) { ran++; }
static void *count(void *arg) {
  int own = 0; pthread_once(&once, init);
  for (int i = 0; i < 50; i++) {
    pthread_mutex_lock(&lock); counter++; pthread_mutex_unlock(&lock);
    pthread_spin_lock(&spin); spun += 2; pthread_spin_unlock(&spin);
    own++;
  }
  return (void *)((long)arg * own);
}
static void *produce(void *arg) {
  for (int i = 1; i <= 10; i++) {
    pthread_mutex_lock(&dynamic);
    while (full) pthread_cond_wait(&emptied, &dynamic);
    slot = i * *(int *)arg; full = 1;
    pthread_cond_signal(&filled);
    pthread_mutex_unlock(&dynamic);
  }
  pthread_exit((void *)77L);
}
int main(void) {
  pthread_mutex_init(&dynamic, 0); pthread_cond_init(&emptied, 0); pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  pthread_t t[4], p; void *r; int seven = 7;
  for (long i = 0; i < 4; i++) printf("%d\n", pthread_create(&t[i], 0, count, (void *)(i + 1)));
  for (int i = 0; i < 4; i++) { pthread_join(t[i], &r); printf("%ld\n", (long)r); }
  printf("%d %d %d\n", counter, spun, ran);
  pthread_create(&p, 0, produce, &seven);
  int sum = 0;
  for (int i = 0; i < 10; i++) {
    pthread_mutex_lock(&dynamic);
    while (!full) pthread_cond_wait(&filled, &dynamic);
    sum += slot; full = 0;
    pthread_cond_broadcast(&emptied);
    pthread_mutex_unlock(&dynamic);
  }
  pthread_join(p, &r); printf("%d %ld\n", sum, (long)r);
  pthread_mutex_lock(&lock); printf("%d\n", pthread_mutex_trylock(&lock) == EBUSY); pthread_mutex_unlock(&lock);
  printf("%d", pthread_mutex_trylock(&lock)); pthread_mutex_unlock(&lock);
  printf(" %d", pthread_spin_trylock(&spin)); printf(" %d\n", pthread_spin_trylock(&spin) == EBUSY); pthread_spin_unlock(&spin);
  printf("%d %d\n", pthread_equal(pthread_self(), pthread_self()) != 0, pthread_equal(pthread_self(), p) != 0);
  pthread_create(&p, 0, count, 0); printf("%d\n", pthread_detach(p));
  for (int n = 0; n < 250;) { pthread_mutex_lock(&lock); n = counter; pthread_mutex_unlock(&lock); sched_yield(); }
  printf("%d\n", counter);
  for (int n = 0; n < 500;) { pthread_spin_lock(&spin); n = spun; pthread_spin_unlock(&spin); sched_yield(); }
  printf("%d %d %d\n", pthread_mutex_destroy(&dynamic), pthread_cond_destroy(&emptied), pthread_spin_destroy(&spin));
  return 0;
}
