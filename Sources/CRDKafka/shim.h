// librdkafka's C API, its mock cluster, and the few helpers Swift needs: what is variadic or a tagged union in C,
// what only newer versions have (found with dlsym, so that 2.0.2 still builds), and calls that may outlast a deadline.
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

// Produces one record by copy. `key` NULL is no key, `value` NULL a tombstone; both may be empty and not NULL.
// On success `headers` belongs to librdkafka, on failure it stays the caller's (rd_kafka_produceva's contract).
static inline rd_kafka_error_t *paraplu_produce(
    rd_kafka_t *rk, rd_kafka_topic_t *topic, int32_t partition, const void *key, size_t key_size,
    const void *value, size_t value_size, rd_kafka_headers_t *headers, uint64_t token) {
    rd_kafka_vu_t arguments[7];
    size_t count = 0;
    arguments[count].vtype = RD_KAFKA_VTYPE_RKT;
    arguments[count++].u.rkt = topic;
    arguments[count].vtype = RD_KAFKA_VTYPE_PARTITION;
    arguments[count++].u.i32 = partition;
    arguments[count].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    arguments[count++].u.i = RD_KAFKA_MSG_F_COPY;
    arguments[count].vtype = RD_KAFKA_VTYPE_KEY;
    arguments[count].u.mem.ptr = (void *)key;
    arguments[count++].u.mem.size = key_size;
    arguments[count].vtype = RD_KAFKA_VTYPE_VALUE;
    arguments[count].u.mem.ptr = (void *)value;
    arguments[count++].u.mem.size = value_size;
    arguments[count].vtype = RD_KAFKA_VTYPE_OPAQUE;
    arguments[count++].u.ptr = (void *)(uintptr_t)token;
    if (headers) {
        arguments[count].vtype = RD_KAFKA_VTYPE_HEADERS;
        arguments[count++].u.headers = headers;
    }
    return rd_kafka_produceva(rk, arguments, count);
}

// The token given to paraplu_produce, from a delivery report's message.
static inline uint64_t paraplu_message_token(const rd_kafka_message_t *message) {
    return (uint64_t)(uintptr_t)message->_private;
}

// A blocking call of librdkafka on a thread of its own, so that its caller can go on or give up at a deadline.
typedef enum {
    PARAPLU_DESTROY,             // argument: destroy flags
    PARAPLU_COMMIT_TRANSACTION,  // argument: timeout in milliseconds
    PARAPLU_ABORT_TRANSACTION,   // argument: timeout in milliseconds
} paraplu_task_kind;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    rd_kafka_t *rk;
    rd_kafka_error_t *error;
    paraplu_task_kind kind;
    int argument;
    int is_done;
    int is_abandoned;
} paraplu_task;

static inline void paraplu_task_free(paraplu_task *task) {
    if (task->error) rd_kafka_error_destroy(task->error);
    pthread_mutex_destroy(&task->lock);
    pthread_cond_destroy(&task->ended);
    free(task);
}

static inline void *paraplu_task_run(void *context) {
    paraplu_task *task = (paraplu_task *)context;
    rd_kafka_error_t *error = NULL;
    switch (task->kind) {
        case PARAPLU_DESTROY: rd_kafka_destroy_flags(task->rk, task->argument); break;
        case PARAPLU_COMMIT_TRANSACTION: error = rd_kafka_commit_transaction(task->rk, task->argument); break;
        case PARAPLU_ABORT_TRANSACTION: error = rd_kafka_abort_transaction(task->rk, task->argument); break;
    }
    pthread_mutex_lock(&task->lock);
    task->error = error;
    task->is_done = 1;
    int is_abandoned = task->is_abandoned;
    pthread_cond_signal(&task->ended);
    pthread_mutex_unlock(&task->lock);
    if (is_abandoned) paraplu_task_free(task);
    return NULL;
}

// Starts the call. NULL when memory or threads have run out.
static inline paraplu_task *paraplu_task_start(rd_kafka_t *rk, paraplu_task_kind kind, int argument) {
    paraplu_task *task = (paraplu_task *)calloc(1, sizeof(*task));
    if (!task) return NULL;
    task->rk = rk;
    task->kind = kind;
    task->argument = argument;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&task->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&task->lock, NULL);
    pthread_t thread;
    if (pthread_create(&thread, NULL, paraplu_task_run, task) != 0) {
        paraplu_task_free(task);
        return NULL;
    }
    pthread_detach(thread);
    return task;
}

// Waits for the call; 1 when it has ended.
static inline int paraplu_task_wait(paraplu_task *task, int milliseconds) {
    struct timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += milliseconds / 1000;
    deadline.tv_nsec += (long)(milliseconds % 1000) * 1000000L;
    if (deadline.tv_nsec >= 1000000000L) {
        deadline.tv_sec += 1;
        deadline.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&task->lock);
    while (!task->is_done && pthread_cond_timedwait(&task->ended, &task->lock, &deadline) != ETIMEDOUT) {}
    int is_done = task->is_done;
    pthread_mutex_unlock(&task->lock);
    return is_done;
}

// Lets go of the call: takes its error (the caller's to destroy) when it has ended, else leaves the thread to finish.
static inline rd_kafka_error_t *paraplu_task_release(paraplu_task *task) {
    pthread_mutex_lock(&task->lock);
    int is_done = task->is_done;
    task->is_abandoned = 1;
    rd_kafka_error_t *error = task->error;
    task->error = NULL;
    pthread_mutex_unlock(&task->lock);
    if (is_done) paraplu_task_free(task);
    return error;
}

// The Base64 ids of topics by librdkafka 2.3 and newer: 1 and `texts` filled, `stride` bytes for each in the order of
// `names`, empty where the cluster doesn't know the topic; 0 when no id can be told; -1 with `*code` when the cluster
// answered with an error or nothing came within the timeout.
static inline int paraplu_topic_ids(
    rd_kafka_t *rk, const char **names, size_t count, int timeout_ms, char *texts, size_t stride,
    rd_kafka_resp_err_t *code) {
    typedef void *(*of_names)(const char **, size_t);
    typedef void (*collection_destroy)(void *);
    typedef void (*describe)(rd_kafka_t *, const void *, const rd_kafka_AdminOptions_t *, rd_kafka_queue_t *);
    typedef const void *(*event_result)(rd_kafka_event_t *);
    typedef const void **(*result_topics)(const void *, size_t *);
    typedef const rd_kafka_error_t *(*description_error)(const void *);
    typedef const char *(*description_name)(const void *);
    typedef const void *(*description_id)(const void *);
    typedef const char *(*uuid_text)(const void *);
    of_names make = (of_names)dlsym(NULL, "rd_kafka_TopicCollection_of_topic_names");
    collection_destroy destroy = (collection_destroy)dlsym(NULL, "rd_kafka_TopicCollection_destroy");
    describe ask = (describe)dlsym(NULL, "rd_kafka_DescribeTopics");
    event_result answer = (event_result)dlsym(NULL, "rd_kafka_event_DescribeTopics_result");
    result_topics topics = (result_topics)dlsym(NULL, "rd_kafka_DescribeTopics_result_topics");
    description_error failure = (description_error)dlsym(NULL, "rd_kafka_TopicDescription_error");
    description_name named = (description_name)dlsym(NULL, "rd_kafka_TopicDescription_name");
    description_id identity = (description_id)dlsym(NULL, "rd_kafka_TopicDescription_topic_id");
    uuid_text base64 = (uuid_text)dlsym(NULL, "rd_kafka_Uuid_base64str");
    if (!make || !destroy || !ask || !answer || !topics || !failure || !named || !identity || !base64) return 0;

    /* Any broker can tell; librdkafka would wait for a controller, which its mock cluster never names. */
    const struct rd_kafka_metadata *cluster = NULL;
    *code = rd_kafka_metadata(rk, 0, NULL, &cluster, timeout_ms);
    if (*code) return -1;
    int broker = cluster->orig_broker_id;
    if (broker < 0 && cluster->broker_cnt > 0) broker = cluster->brokers[0].id;
    rd_kafka_metadata_destroy(cluster);

    char reason[256];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(rk, RD_KAFKA_ADMIN_OP_ANY);
    rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, reason, sizeof(reason));
    if (broker >= 0) rd_kafka_AdminOptions_set_broker(options, broker, reason, sizeof(reason));
    rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
    void *wanted = make(names, count);
    ask(rk, wanted, options, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, timeout_ms);
    int outcome = -1;
    *code = RD_KAFKA_RESP_ERR__TIMED_OUT;
    if (event) {
        *code = rd_kafka_event_error(event);
        size_t found = 0;
        const void **descriptions = *code ? NULL : topics(answer(event), &found);
        if (!*code) outcome = 1;
        for (size_t i = 0; i < found && outcome == 1; i++) {
            if (rd_kafka_error_code(failure(descriptions[i]))) continue;
            const void *uuid = identity(descriptions[i]);
            const char *encoded = uuid ? base64(uuid) : NULL;
            if (!encoded) outcome = 0;
            for (size_t j = 0; encoded && j < count; j++)
                if (!strcmp(names[j], named(descriptions[i]))) snprintf(texts + j * stride, stride, "%s", encoded);
        }
        rd_kafka_event_destroy(event);
    }
    destroy(wanted);
    rd_kafka_queue_destroy(queue);
    rd_kafka_AdminOptions_destroy(options);
    return outcome;
}
