// What of the process's memory is not used any more.
//
// Thread: any.
#pragma once

namespace usher::server {

// Unmaps the pages of program text: reading a configuration and starting OpenSSL has touched most
// of it, and a sidecar that waits needs little. What is used again comes back from the page cache
// by a minor fault. Heap to spare goes back too.
void release_startup_pages();

// Gives the heap that is free back to the system, as after a burst: malloc keeps it otherwise.
void release_spare_heap();

}  // namespace usher::server
