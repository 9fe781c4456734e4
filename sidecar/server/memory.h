// What of the process's memory only its start has used.
//
// Thread: any.
#pragma once

namespace usher::server {

// Unmaps the pages of program text: reading a configuration and starting OpenSSL has touched most
// of it, and a sidecar that waits needs little. What is used again comes back from the page cache
// by a minor fault. Heap to spare goes back too.
void release_startup_pages();

}  // namespace usher::server
