// Handing a ticket to another user (N3), with the rules of the platform's transfer service.
#pragma once

#include "router.h"

namespace owners {

Response transfer_ticket(Call& call);

}  // namespace owners
