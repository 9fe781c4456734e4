/* The plugins that are linked into Usher. Each function is what `usher_plugin_v1` is to a plugin in
 * a shared object: it returns a constant table that lives as long as the process. Callable from any
 * thread. C11, like usher/plugin.h. */
#ifndef USHER_BUILTIN_H
#define USHER_BUILTIN_H

#include <usher/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

const usher_plugin_table_v1* usher_plugin_hmac_v1(void);        /* scheme "hmac" */
const usher_plugin_table_v1* usher_plugin_service_jwt_v1(void); /* scheme "service-jwt" */
const usher_plugin_table_v1* usher_plugin_api_key_v1(void);     /* scheme "api-key" */

#ifdef __cplusplus
}
#endif

#endif /* USHER_BUILTIN_H */
