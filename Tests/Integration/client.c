/* The C client library against one server, then against the next one of its list.
 *
 * client HOST:PORT,HOST:PORT PATH
 *
 * Works below PATH through the first server, prints "ready", and waits for a line on standard input while that server
 * is killed. Then the session must live on at the second server with its ephemeral node. Prints "done"; exit status 0.
 * gcc -DTHREADED -I/usr/include/zookeeper client.c -o client -lzookeeper_mt
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zookeeper.h>

static volatile int connections;
static volatile int expired;
static volatile int changes;

static void session_event(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh, (void)path, (void)context;
    if (type != ZOO_SESSION_EVENT) return;
    if (state == ZOO_CONNECTED_STATE) connections++;
    if (state == ZOO_EXPIRED_SESSION_STATE) expired = 1;
}

static void node_event(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh, (void)state, (void)path, (void)context;
    if (type == ZOO_CHANGED_EVENT) changes++;
}

static void expect(int holds, const char *what) {
    if (holds) return;
    printf("failed: %s\n", what);
    exit(1);
}

static void wait_for(volatile int *counter, int value, const char *what) {
    for (int i = 0; i < 1500 && *counter < value; i++) usleep(10000);
    expect(*counter >= value, what);
}

static void join_path(char *out, size_t size, const char *parent, const char *name) {
    snprintf(out, size, "%s/%s", parent, name);
}

int main(int count, char **arguments) {
    expect(count == 3, "usage: client HOSTS PATH");
    const char *top = arguments[2];
    char data[64], path[256], child[256], ephemeral[256], multi[256], line[16];
    int length = sizeof data;
    struct Stat stat;
    setvbuf(stdout, NULL, _IOLBF, 0);
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    zoo_deterministic_conn_order(1);
    zhandle_t *zh = zookeeper_init(arguments[1], session_event, 8000, 0, 0, 0);
    expect(zh != NULL, "init");
    wait_for(&connections, 1, "connect");
    int64_t session = zoo_client_id(zh)->client_id;

    expect(zoo_create(zh, top, "one", 3, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path) == ZOK, "create");
    expect(!strcmp(path, top), "created path");
    expect(zoo_wget(zh, top, node_event, 0, data, &length, &stat) == ZOK, "get");
    expect(length == 3 && !memcmp(data, "one", 3) && stat.version == 0, "data");
    expect(zoo_set(zh, top, "two", 3, 0) == ZOK, "set");
    wait_for(&changes, 1, "first watch");
    expect(zoo_set(zh, top, "two", 3, 0) == ZBADVERSION, "set with a wrong version");

    join_path(child, sizeof child, top, "kept");
    join_path(multi, sizeof multi, top, "gone");
    zoo_op_t operations[4];
    zoo_op_result_t results[4];
    zoo_create_op_init(&operations[0], child, "k", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
    zoo_create_op_init(&operations[1], multi, "g", 1, &ZOO_OPEN_ACL_UNSAFE, 0, path, sizeof path);
    zoo_check_op_init(&operations[2], top, 1);
    zoo_delete_op_init(&operations[3], multi, 0);
    expect(zoo_multi(zh, 4, operations, results) == ZOK, "multi");
    zoo_check_op_init(&operations[2], top, 7);
    zoo_delete_op_init(&operations[0], child, 0);
    expect(zoo_multi(zh, 4, operations, results) != ZOK, "multi that must fail");
    expect(zoo_exists(zh, child, 0, &stat) == ZOK, "failed multi changed nothing");

    join_path(ephemeral, sizeof ephemeral, top, "ephemeral");
    expect(zoo_create(zh, ephemeral, "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, path, sizeof path) == ZOK, "ephemeral");
    length = sizeof data;
    expect(zoo_wget(zh, top, node_event, 0, data, &length, &stat) == ZOK, "second watch");
    printf("ready\n");
    expect(fgets(line, sizeof line, stdin) != NULL, "a line on standard input");

    wait_for(&connections, 2, "connect to the second server");
    expect(!expired && zoo_client_id(zh)->client_id == session, "session kept");
    expect(zoo_exists(zh, ephemeral, 0, &stat) == ZOK && stat.ephemeralOwner == session, "ephemeral kept");
    expect(zoo_set(zh, top, "three", 5, -1) == ZOK, "set at the second server");
    wait_for(&changes, 2, "watch set again at the second server");
    expect(zookeeper_close(zh) == ZOK, "close");
    printf("done\n");
    return 0;
}
