#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "_cgo_export.h"

void call_back(int times) {
	for (int i = 0; i < times; i++) {
		struct timespec pause = {0, 50000};
		nanosleep(&pause, NULL);
		onFrame(i);
	}
}

static void *thread_main(void *arg) {
	call_back(*(int *)arg);
	return NULL;
}

void run_threads(int threads, int calls) {
	pthread_t *ids = calloc(threads, sizeof *ids);
	for (int i = 0; i < threads; i++)
		pthread_create(&ids[i], NULL, thread_main, &calls);
	for (int i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	free(ids);
}
