// The identifiers of the seed data (seed.sql), for tests. Plain constants; depends on nothing.
#pragma once

#include <string_view>

namespace owners::seed {

// Tenants. Nothing of one is ever shown to the other.
inline constexpr std::string_view kTenant = "c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f";
inline constexpr std::string_view kOtherTenant = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

// Users of kTenant, with e-mail addresses below.
// Role user; owns most tickets.
inline constexpr std::string_view kAlice = "a1f0c3d2-1111-4a11-8a11-0000000000a1";
// Role user; has attended kEvent.
inline constexpr std::string_view kBob = "b2f0c3d2-2222-4b22-8b22-0000000000b2";
// Role user; address with '+' and non-ASCII.
inline constexpr std::string_view kZoe = "e5f0c3d2-5555-4e55-8e55-0000000000e5";
// Role admin.
inline constexpr std::string_view kAdmin = "ad00c3d2-3333-4c33-8c33-0000000000c3";
// Role compliance_admin.
inline constexpr std::string_view kComplianceAdmin = "ca00c3d2-4444-4d44-8d44-0000000000d4";
// Role venue_admin, manager of kVenue.
inline constexpr std::string_view kVenueAdmin = "fa00c3d2-6666-4f66-8f66-0000000000f6";

// Users of kOtherTenant.
// Role user.
inline constexpr std::string_view kOtherUser = "0b70c3d2-7777-4a77-8a77-000000000a77";
// Role admin.
inline constexpr std::string_view kOtherAdmin = "0ad0c3d2-8888-4b88-8b88-000000000b88";

// Venues.
inline constexpr std::string_view kVenue = "2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f";
// No wallet address.
inline constexpr std::string_view kSecondVenue = "3e2a8d4b-66c1-4d9f-8a24-8b7c6d5e4f30";
// Of kOtherTenant.
inline constexpr std::string_view kOtherVenue = "4f3b9e5c-77d2-4ea0-9b35-9c8d7e6f5041";

// Events.
// At kVenue, resaleable, 2 ticket types.
inline constexpr std::string_view kEvent = "5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716";
// Its tickets cannot be transferred: 403.
inline constexpr std::string_view kNoTransferEvent = "6f5e4d3c-2b1a-4098-9e8d-7c6b5a493827";
// Of kOtherTenant.
inline constexpr std::string_view kOtherEvent = "70615e4d-3c2b-41a9-8f9e-8d7c6b5a4938";

// Ticket types.
// KEvent, 5000 cents.
inline constexpr std::string_view kGeneralAdmission = "17c1c3d2-aaaa-4a01-8a01-00000000aa01";
// KEvent, 15000 cents.
inline constexpr std::string_view kVip = "17c1c3d2-bbbb-4b02-8b02-00000000bb02";
// KNoTransferEvent, 7500 cents.
inline constexpr std::string_view kSeated = "17c1c3d2-cccc-4c03-8c03-00000000cc03";
// KOtherEvent, 3000 cents.
inline constexpr std::string_view kOtherTicketType = "17c1c3d2-dddd-4d04-8d04-00000000dd04";

// Orders.
// KAlice, CONFIRMED, 2 items, 3 tickets.
inline constexpr std::string_view kOrder = "9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b";
// KBob, CONFIRMED, 1 item, 3 tickets.
inline constexpr std::string_view kBobOrder = "a09f8e7d-6c5b-4a49-9382-71605f4e3d2c";
// KZoe, CONFIRMED, 2 items, 4 tickets.
inline constexpr std::string_view kZoeOrder = "b1a09f8e-7d6c-4b5a-8493-8271605f4e3d";
// KAlice, PENDING, 1 item, a cancelled ticket.
inline constexpr std::string_view kPendingOrder = "c2b1a09f-8e7d-4c6b-9a5a-938271605f4e";
// Of kOtherTenant.
inline constexpr std::string_view kOtherOrder = "d3c2b1a0-9f8e-4d7c-8b6b-a4938271605f";

// Tickets of kTenant.
// KAlice, kOrder, SOLD, minted as kToken.
inline constexpr std::string_view kTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01";
// KAlice, kOrder, SOLD, minted as kPlainToken.
inline constexpr std::string_view kVipTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a02";
// KAlice, kOrder, SOLD, no token.
inline constexpr std::string_view kUnmintedTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a03";
// KBob, kBobOrder, USED.
inline constexpr std::string_view kUsedTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a04";
// KBob, kBobOrder, TRANSFERRED.
inline constexpr std::string_view kTransferredTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a05";
// KBob, kBobOrder, SOLD.
inline constexpr std::string_view kBobTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a06";
// KAlice, kPendingOrder, CANCELLED.
inline constexpr std::string_view kCancelledTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a07";
// KZoe, kZoeOrder, SOLD.
inline constexpr std::string_view kNoTransferTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a08";
// KZoe, kZoeOrder, SOLD.
inline constexpr std::string_view kZoeTicket1 = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a09";
// KZoe, kZoeOrder, SOLD.
inline constexpr std::string_view kZoeTicket2 = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0a";
// KZoe, kZoeOrder, SOLD.
inline constexpr std::string_view kZoeTicket3 = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0b";

// Tickets of kOtherTenant.
// KOtherUser, SOLD, minted as kOtherToken.
inline constexpr std::string_view kOtherTicket = "7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0c";

// Token ids. The first needs percent-encoding in a path.
inline constexpr std::string_view kToken = "7xKX/ab c";
inline constexpr std::string_view kTokenEncoded = "7xKX%2Fab%20c";
inline constexpr std::string_view kPlainToken = "9wFfT3tQpXmZk2";
inline constexpr std::string_view kOtherToken = "5otherTenantToken";

// E-mail addresses.
inline constexpr std::string_view kAliceEmail = "alice@example.com";
inline constexpr std::string_view kBobEmail = "bob@example.com";
inline constexpr std::string_view kZoeEmail = "zoë+vip@example.com";
inline constexpr std::string_view kZoeEmailEncoded = "zo%C3%AB%2Bvip%40example.com";
inline constexpr std::string_view kOtherUserEmail = "carol@other.example";

// Well formed and in no table.
inline constexpr std::string_view kUnknownId = "00000000-0000-4000-8000-00000000dead";

}  // namespace owners::seed
