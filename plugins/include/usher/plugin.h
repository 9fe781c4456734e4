/* usher/plugin.h: the C interface between Usher and its plugins, major version 1.
 *
 * A plugin is a shared object that exports one symbol, `usher_plugin_v1`, a function returning a
 * constant table. The schemes that Usher ships (plugins/hmac, plugins/service_jwt, plugins/api_key)
 * are linked in and return the same table. C11; this header needs stddef.h and stdint.h alone.
 *
 * VERSIONS   The major version is the symbol's name. Minor versions only append to the end of
 * structures, and every structure that may grow begins with `struct_size`, filled in by whoever
 * made it. Read a field only if it lies below the other side's struct_size; a function pointer that
 * is missing or null means "not there". OWNERSHIP  usher_host_str:   memory of the host, valid
 * until the call that handed it over returns. Copy to keep. usher_plugin_str: memory of the plugin;
 * the host copies what it needs before its function returns. What a table or an info structure
 * points to stays valid as long as the object it belongs to. Neither is zero-terminated. An empty
 * one may have a null `data`. The host's function table lives as long as the plugin is loaded: it
 * may be kept. void* objects made by the plugin are destroyed by the plugin, when the host says so,
 * exactly once. THREADS    load, configure, info, renew_at, renew, destroy and unload: one thread
 * at a time, never a worker's. open, sign and close: a worker's thread. One opened signer is only
 * ever used by the worker that opened it, so it may hold state without locks. A configured signer
 * is shared by all workers: what renew changes must be read by sign in a thread-safe way. TIME sign
 * runs on the event loop: it must not block, and has microseconds. renew may take its time. ERRORS
 * Functions that return int return 0 for success. Nothing may throw, longjmp or exit across this
 * interface. SECRETS    A signer asks for its secret by name while it is configured and gets no
 * other. It never sees a consumer's headers. When a secret changes, the host configures a new
 * signer, uses it for attempts that begin from then on and destroys the old one when nobody uses
 * it.
 */
#ifndef USHER_PLUGIN_H
#define USHER_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define USHER_PLUGIN_ABI_MINOR 1u

typedef struct usher_host_str {
  const char* data;
  size_t size; /* bytes */
} usher_host_str;

typedef struct usher_plugin_str {
  const char* data;
  size_t size; /* bytes */
} usher_plugin_str;

/* What a configuration belongs to; valid during configure. */
typedef struct usher_context usher_context;

/* Where sign puts its headers; valid during sign. */
typedef struct usher_sign_output usher_sign_output;

/* Where explain puts its texts; valid during explain. */
typedef struct usher_explain_output usher_explain_output;

/* --- what the host offers
 * ------------------------------------------------------------------------------------------ */

/* How strong a secret must be before the host hands it out. */
enum {
  USHER_SECRET_SHARED =
      0, /* a shared secret: refused when empty, shorter than 32 bytes or publicly known */
  USHER_SECRET_KEY = 1 /* a key in a format of its own: refused when empty */
};

typedef struct usher_host_v1 {
  uint32_t struct_size;
  uint32_t abi_minor;

  /* Hands out the secret that the configuration names under `key` (a member of the configuration
   * object whose value is
   * {"env": …} or {"file": …}). `value` stays valid until configure returns. Returns non-zero when
   * the key is absent or the secret was refused; the latter is already reported. */
  int (*secret)(usher_context* context, usher_plugin_str key, int strength, usher_host_str* value);

  /* Reports that the configuration is wrong. `key` is the member of the configuration object at
   * fault (empty: the whole object), `message` says what is wrong and what would be right. The host
   * adds file, line and column. */
  void (*config_error)(usher_context* context, usher_plugin_str key, usher_plugin_str message);

  /* Adds one header to the attempt being signed. Name and value are copied. A name may be added
   * once. */
  void (*add_header)(usher_sign_output* output, usher_plugin_str name, usher_plugin_str value);

  /* Says why sign fails, for the operator's log; call before returning non-zero. Never put a secret
   * in it. */
  void (*sign_error)(usher_sign_output* output, usher_plugin_str message);

  /* 1.1. Adds one text for people, for example under "payload". Both are copied. Never a secret,
   * nor anything computed with one. */
  void (*explain_text)(usher_explain_output* output, usher_plugin_str name, usher_plugin_str text);
} usher_host_v1;

/* --- signers
 * -------------------------------------------------------------------------------------------------------
 */

/* What a signer needs to see of a call (usher_signer_info.needs). */
enum {
  USHER_SIGNER_NEEDS_BODY =
      1 /* the whole body: the host holds it, up to limits.signed_body, before the attempt */
};

typedef struct usher_signer_info {
  uint32_t struct_size;
  uint32_t needs; /* USHER_SIGNER_NEEDS_… */
  const usher_plugin_str*
      header_names; /* every header that sign may add: the consumer's own are dropped */
  size_t header_count;
} usher_signer_info;

/* One attempt of one call. */
typedef struct usher_sign_input {
  uint32_t struct_size;
  uint32_t has_body;       /* 1: the call has a body, maybe an empty one; 0: it has none */
  usher_host_str consumer; /* the calling service's name, from the configuration */
  usher_host_str method;   /* "GET" */
  usher_host_str target;   /* path and query, byte for byte as the owner will read them */
  usher_host_str tenant;   /* X-Tenant-ID, empty when the call has none */
  usher_host_str body;  /* with USHER_SIGNER_NEEDS_BODY the bytes that will be sent, else empty */
  int64_t timestamp_ms; /* wall clock, milliseconds since 1970 */
  uint8_t random[16];   /* fresh for this attempt; enough for a nonce */
} usher_sign_input;

/* A scheme: configured once per "auth" object, opened once per worker, signs each attempt. */
typedef struct usher_signer_v1 {
  uint32_t struct_size;
  uint32_t reserved;       /* 0 */
  usher_plugin_str scheme; /* the name in "auth": {"scheme": …} */

  /* Makes a signer of the configuration object `config` (JSON text, members "scheme" and "insecure"
   * being the host's). `consumer` is the calling service. On failure: config_error for each
   * mistake, return non-zero, leave *signer. */
  int (*configure)(const usher_host_v1* host, usher_context* context, usher_host_str config,
                   usher_host_str consumer, int64_t now_ms, void** signer);

  /* Tells what the signer needs and adds. Called once, after configure. */
  void (*info)(void* signer, usher_signer_info* info);

  /* Makes a worker's own state. Null: failure, every call is answered SIGNING_FAILED. */
  void* (*open)(void* signer);

  /* Signs one attempt: adds headers to `output`. Non-zero: the call is answered SIGNING_FAILED. */
  int (*sign)(void* opened, const usher_sign_input* input, usher_sign_output* output);

  void (*close)(void* opened);

  /* May be null. When should renew be called next, in milliseconds since 1970? 0: never. Asked
   * after configure and after each renew. The host may call renew earlier. */
  int64_t (*renew_at)(void* signer);

  /* May be null. Renews what expires (a token). Non-zero: failed, what there was stays in use and
   * the host asks again after a pause. */
  int (*renew)(void* signer, int64_t now_ms);

  void (*destroy)(void* signer);

  /* 1.1, may be null. Says by explain_text what sign would sign for this call, each text under a
   * name of its own. What differs from one attempt to the next (timestamp, nonce) stands in it as a
   * placeholder in braces; so does the body where has_body is 1, since it is not known. Non-zero:
   * failed. On an opened signer that nothing else uses, on any thread. */
  int (*explain)(void* opened, const usher_sign_input* input, usher_explain_output* output);
} usher_signer_v1;

/* --- the plugin
 * ----------------------------------------------------------------------------------------------------
 */

typedef struct usher_plugin_table_v1 {
  uint32_t struct_size;
  uint32_t abi_minor; /* USHER_PLUGIN_ABI_MINOR of the header it was built with */
  usher_plugin_str name;
  usher_plugin_str version;

  int (*load)(const usher_host_v1* host); /* may be null; once, before anything else */
  void (*unload)(void);                   /* may be null; once, after everything else */

  const usher_signer_v1* const* signers;
  size_t signer_count;
} usher_plugin_table_v1;

/* The type of the exported function `usher_plugin_v1`. */
typedef const usher_plugin_table_v1* (*usher_plugin_v1_fn)(void);

#ifdef __cplusplus
}
#endif

#endif /* USHER_PLUGIN_H */
