-- The owners' tables and what is in them after a start or a reset. The ids are named in seed_ids.h.
-- A column's declared type decides its JSON: BOOLEAN gives true or false, JSON its parsed value.
DROP TABLE IF EXISTS tenants;
DROP TABLE IF EXISTS users;
DROP TABLE IF EXISTS venues;
DROP TABLE IF EXISTS venue_staff;
DROP TABLE IF EXISTS events;
DROP TABLE IF EXISTS ticket_types;
DROP TABLE IF EXISTS orders;
DROP TABLE IF EXISTS order_items;
DROP TABLE IF EXISTS tickets;
DROP TABLE IF EXISTS ticket_transfers;
DROP TABLE IF EXISTS attendance;

CREATE TABLE tenants (id TEXT PRIMARY KEY, name TEXT NOT NULL, slug TEXT NOT NULL);

CREATE TABLE users (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, email TEXT NOT NULL, first_name TEXT,
  last_name TEXT, role TEXT NOT NULL, status TEXT NOT NULL, email_verified BOOLEAN NOT NULL,
  mfa_enabled BOOLEAN NOT NULL, phone TEXT, avatar_url TEXT, billing_address JSON,
  created_at TEXT NOT NULL, last_login_at TEXT,
  UNIQUE (tenant_id, email));

CREATE TABLE venues (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, slug TEXT NOT NULL,
  description TEXT, venue_type TEXT, status TEXT NOT NULL, email TEXT, phone TEXT, website TEXT,
  address_line1 TEXT, city TEXT, state_province TEXT, postal_code TEXT, country_code TEXT,
  latitude REAL, longitude REAL, timezone TEXT, max_capacity INTEGER, wallet_address TEXT,
  collection_address TEXT, owner_email TEXT, owner_name TEXT, is_verified BOOLEAN NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE venue_staff (
  venue_id TEXT NOT NULL, tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, role TEXT NOT NULL);

CREATE TABLE events (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, venue_id TEXT NOT NULL, name TEXT NOT NULL,
  slug TEXT NOT NULL, description TEXT, event_type TEXT, status TEXT NOT NULL, visibility TEXT,
  starts_at TEXT, ends_at TEXT, doors_open_at TEXT, timezone TEXT, capacity INTEGER,
  age_restriction INTEGER, currency TEXT, is_featured BOOLEAN NOT NULL, banner_image_url TEXT,
  event_pda TEXT, artist_wallet TEXT, artist_percentage REAL, venue_percentage REAL,
  resaleable BOOLEAN NOT NULL, allow_transfers BOOLEAN NOT NULL, blockchain_status TEXT,
  blockchain_signature TEXT, created_by TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE ticket_types (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, event_id TEXT NOT NULL, name TEXT NOT NULL,
  price_cents INTEGER NOT NULL);

CREATE TABLE orders (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, event_id TEXT NOT NULL,
  order_number TEXT NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL,
  subtotal_cents INTEGER NOT NULL, platform_fee_cents INTEGER NOT NULL,
  processing_fee_cents INTEGER NOT NULL, tax_cents INTEGER NOT NULL,
  discount_cents INTEGER NOT NULL, total_cents INTEGER NOT NULL, payment_intent_id TEXT,
  billing_address JSON, shipping_address JSON, metadata JSON, expires_at TEXT, confirmed_at TEXT,
  cancelled_at TEXT, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE order_items (
  id TEXT PRIMARY KEY, order_id TEXT NOT NULL, tenant_id TEXT NOT NULL,
  ticket_type_id TEXT NOT NULL, ticket_type_name TEXT NOT NULL, ticket_id TEXT,
  quantity INTEGER NOT NULL, unit_price_cents INTEGER NOT NULL,
  total_price_cents INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE tickets (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, event_id TEXT NOT NULL, user_id TEXT NOT NULL,
  order_id TEXT NOT NULL, ticket_type_id TEXT NOT NULL, ticket_number TEXT NOT NULL,
  status TEXT NOT NULL, token_id TEXT UNIQUE, nft_minted BOOLEAN NOT NULL,
  nft_transferred BOOLEAN NOT NULL, mint_transaction_id TEXT, minted_at TEXT, validated_at TEXT,
  transfer_count INTEGER NOT NULL, metadata JSON, created_at TEXT NOT NULL);

-- transferred_at in seconds since 1970, as the cooldown and the daily limit count with it.
CREATE TABLE ticket_transfers (
  id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, ticket_id TEXT NOT NULL,
  from_user_id TEXT NOT NULL, to_user_id TEXT NOT NULL, reason TEXT, status TEXT NOT NULL,
  transferred_at INTEGER NOT NULL);

CREATE TABLE attendance (
  tenant_id TEXT NOT NULL, user_id TEXT NOT NULL, event_id TEXT NOT NULL,
  ticket_id TEXT NOT NULL, attended_at TEXT NOT NULL);

INSERT INTO tenants VALUES
  ('c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', 'Harbour Tickets', 'harbour-tickets'),
  ('1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', 'Other Nights', 'other-nights');

INSERT INTO users VALUES
  ('a1f0c3d2-1111-4a11-8a11-0000000000a1', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'alice@example.com', 'Alice', 'Archer', 'user', 'active', 1, 0, '+441170000001', NULL,
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}',
   '2026-01-02T09:00:00.000Z', '2026-01-11T18:30:00.000Z'),
  ('b2f0c3d2-2222-4b22-8b22-0000000000b2', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'bob@example.com', 'Bob', 'Baker', 'user', 'active', 1, 1, NULL,
   'https://img.example.com/bob.png', NULL, '2026-01-02T09:00:00.000Z', NULL),
  ('e5f0c3d2-5555-4e55-8e55-0000000000e5', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'zoë+vip@example.com', 'Zoë', 'Zimmer', 'user', 'active', 0, 0, NULL, NULL, NULL,
   '2026-01-02T09:00:00.000Z', NULL),
  ('ad00c3d2-3333-4c33-8c33-0000000000c3', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'admin@example.com', 'Ada', 'Admin', 'admin', 'active', 1, 1, NULL, NULL, NULL,
   '2026-01-02T09:00:00.000Z', '2026-01-12T08:00:00.000Z'),
  ('ca00c3d2-4444-4d44-8d44-0000000000d4', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'compliance@example.com', 'Colm', 'Clarke', 'compliance_admin', 'active', 1, 1, NULL, NULL,
   NULL, '2026-01-02T09:00:00.000Z', NULL),
  ('fa00c3d2-6666-4f66-8f66-0000000000f6', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'venue@example.com', 'Vera', 'Venn', 'venue_admin', 'active', 1, 0, NULL, NULL, NULL,
   '2026-01-02T09:00:00.000Z', NULL),
  ('0b70c3d2-7777-4a77-8a77-000000000a77', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   'carol@other.example', 'Carol', 'Cole', 'user', 'active', 1, 0, NULL, NULL, NULL,
   '2026-01-02T09:00:00.000Z', NULL),
  ('0ad0c3d2-8888-4b88-8b88-000000000b88', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   'admin@other.example', 'Otto', 'Other', 'admin', 'active', 1, 1, NULL, NULL, NULL,
   '2026-01-02T09:00:00.000Z', NULL);

INSERT INTO venues VALUES
  ('2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', 'Harbour Hall',
   'harbour-hall', 'Harbour Hall, by the water.', 'concert_hall', 'active',
   'owner@harbour.example', '+441170000010', 'https://harbour-hall.example.com', '1 Quay Street',
   'Bristol', 'Bristol', 'BS1 4DJ', 'GB', 51.4545, -2.5879, 'Europe/London', 2000,
   '7Harb0urWa11etAddress11111111111111111111111', 'Co11ectharb', 'owner@harbour.example',
   'Hanna Harbour', 1, '2026-01-02T09:00:00.000Z', '2026-01-02T09:00:00.000Z'),
  ('3e2a8d4b-66c1-4d9f-8a24-8b7c6d5e4f30', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', 'Dock Cellar',
   'dock-cellar', 'Dock Cellar, by the water.', 'concert_hall', 'active', 'owner@dock.example',
   '+441170000010', 'https://dock-cellar.example.com', '1 Quay Street', 'Bristol', 'Bristol',
   'BS1 4DJ', 'GB', 51.4545, -2.5879, 'Europe/London', 150, NULL, 'Co11ectdock',
   'owner@dock.example', 'Dirk Dock', 1, '2026-01-02T09:00:00.000Z', '2026-01-02T09:00:00.000Z'),
  ('4f3b9e5c-77d2-4ea0-9b35-9c8d7e6f5041', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', 'Other Arena',
   'other-arena', 'Other Arena, by the water.', 'concert_hall', 'active', 'owner@other.example',
   '+441170000010', 'https://other-arena.example.com', '1 Quay Street', 'Bristol', 'Bristol',
   'BS1 4DJ', 'GB', 51.4545, -2.5879, 'Europe/London', 9000,
   '8OtherWa11etAddress111111111111111111111111', 'Co11ectothe', 'owner@other.example',
   'Olga Other', 1, '2026-01-02T09:00:00.000Z', '2026-01-02T09:00:00.000Z');

INSERT INTO venue_staff VALUES
  ('2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'fa00c3d2-6666-4f66-8f66-0000000000f6', 'manager');

INSERT INTO events VALUES
  ('5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f', 'Midsummer Night', 'midsummer-night',
   'Midsummer Night on the stage.', 'concert', 'PUBLISHED', 'PUBLIC', '2026-06-20T19:00:00.000Z',
   '2026-06-20T23:00:00.000Z', '2026-06-20T18:00:00.000Z', 'Europe/London', 2000, 18, 'GBP', 0,
   NULL, 'EvPdamidsum1111111111', 'Artistmids11111111111111', 10.5, 5, 1, 1, 'minted',
   '5igNaturemids', 'fa00c3d2-6666-4f66-8f66-0000000000f6', '2026-01-02T09:00:00.000Z',
   '2026-01-02T09:00:00.000Z'),
  ('6f5e4d3c-2b1a-4098-9e8d-7c6b5a493827', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '3e2a8d4b-66c1-4d9f-8a24-8b7c6d5e4f30', 'Cellar Session', 'cellar-session',
   'Cellar Session on the stage.', 'concert', 'PUBLISHED', 'PUBLIC', '2026-06-20T19:00:00.000Z',
   '2026-06-20T23:00:00.000Z', '2026-06-20T18:00:00.000Z', 'Europe/London', 2000, 18, 'GBP', 0,
   NULL, 'EvPdacellar1111111111', 'Artistcell11111111111111', 10.5, 5, 0, 0, 'minted',
   '5igNaturecell', 'fa00c3d2-6666-4f66-8f66-0000000000f6', '2026-01-02T09:00:00.000Z',
   '2026-01-02T09:00:00.000Z'),
  ('70615e4d-3c2b-41a9-8f9e-8d7c6b5a4938', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   '4f3b9e5c-77d2-4ea0-9b35-9c8d7e6f5041', 'Arena Opening', 'arena-opening',
   'Arena Opening on the stage.', 'concert', 'PUBLISHED', 'PUBLIC', '2026-06-20T19:00:00.000Z',
   '2026-06-20T23:00:00.000Z', '2026-06-20T18:00:00.000Z', 'Europe/London', 2000, 18, 'GBP', 0,
   NULL, 'EvPdaarena-1111111111', 'Artistaren11111111111111', 10.5, 5, 1, 1, 'minted',
   '5igNaturearen', '0ad0c3d2-8888-4b88-8b88-000000000b88', '2026-01-02T09:00:00.000Z',
   '2026-01-02T09:00:00.000Z');

INSERT INTO ticket_types VALUES
  ('17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'General Admission', 5000),
  ('17c1c3d2-bbbb-4b02-8b02-00000000bb02', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'VIP', 15000),
  ('17c1c3d2-cccc-4c03-8c03-00000000cc03', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '6f5e4d3c-2b1a-4098-9e8d-7c6b5a493827', 'Seated', 7500),
  ('17c1c3d2-dddd-4d04-8d04-00000000dd04', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   '70615e4d-3c2b-41a9-8f9e-8d7c6b5a4938', 'Standing', 3000);

INSERT INTO orders VALUES
  ('9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'a1f0c3d2-1111-4a11-8a11-0000000000a1', '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'ORD-1001',
   'CONFIRMED', 'GBP', 25000, 1250, 150, 0, 0, 26400, 'pi_1',
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}', NULL,
   '{"channel":"web"}', NULL, '2026-01-10T12:01:00.000Z', NULL, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:01:00.000Z'),
  ('a09f8e7d-6c5b-4a49-9382-71605f4e3d2c', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'b2f0c3d2-2222-4b22-8b22-0000000000b2', '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'ORD-1002',
   'CONFIRMED', 'GBP', 15000, 750, 150, 0, 0, 15900, 'pi_2',
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}', NULL,
   '{"channel":"web"}', NULL, '2026-01-10T12:01:00.000Z', NULL, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:01:00.000Z'),
  ('b1a09f8e-7d6c-4b5a-8493-8271605f4e3d', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'e5f0c3d2-5555-4e55-8e55-0000000000e5', '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'ORD-1003',
   'CONFIRMED', 'GBP', 22500, 1125, 150, 0, 0, 23775, 'pi_3',
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}', NULL,
   '{"channel":"web"}', NULL, '2026-01-10T12:01:00.000Z', NULL, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:01:00.000Z'),
  ('c2b1a09f-8e7d-4c6b-9a5a-938271605f4e', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   'a1f0c3d2-1111-4a11-8a11-0000000000a1', '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'ORD-1004',
   'PENDING', 'GBP', 5000, 250, 150, 0, 0, 5400, NULL,
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}', NULL,
   '{"channel":"web"}', '2026-01-10T12:15:00.000Z', NULL, NULL, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:01:00.000Z'),
  ('d3c2b1a0-9f8e-4d7c-8b6b-a4938271605f', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   '0b70c3d2-7777-4a77-8a77-000000000a77', '70615e4d-3c2b-41a9-8f9e-8d7c6b5a4938', 'ORD-2001',
   'CONFIRMED', 'GBP', 3000, 150, 150, 0, 0, 3300, 'pi_9',
   '{"line1":"1 Quay Street","city":"Bristol","postalCode":"BS1 4DJ","country":"GB"}', NULL,
   '{"channel":"web"}', NULL, '2026-01-10T12:01:00.000Z', NULL, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:01:00.000Z');

INSERT INTO order_items VALUES
  ('17e3c3d2-0001-4e01-8e01-00000000ee01', '9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-aaaa-4a01-8a01-00000000aa01',
   'General Admission', '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01', 2, 5000, 10000,
   '2026-01-10T12:00:00.000Z', '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0002-4e01-8e01-00000000ee02', '9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-bbbb-4b02-8b02-00000000bb02', 'VIP',
   '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a02', 1, 15000, 15000, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0003-4e01-8e01-00000000ee03', 'a09f8e7d-6c5b-4a49-9382-71605f4e3d2c',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-aaaa-4a01-8a01-00000000aa01',
   'General Admission', '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a04', 3, 5000, 15000,
   '2026-01-10T12:00:00.000Z', '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0004-4e01-8e01-00000000ee04', 'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-cccc-4c03-8c03-00000000cc03', 'Seated',
   '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a08', 1, 7500, 7500, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0005-4e01-8e01-00000000ee05', 'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-aaaa-4a01-8a01-00000000aa01',
   'General Admission', NULL, 3, 5000, 15000, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0006-4e01-8e01-00000000ee06', 'c2b1a09f-8e7d-4c6b-9a5a-938271605f4e',
   'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', '17c1c3d2-aaaa-4a01-8a01-00000000aa01',
   'General Admission', NULL, 1, 5000, 5000, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:00:00.000Z'),
  ('17e3c3d2-0007-4e01-8e01-00000000ee07', 'd3c2b1a0-9f8e-4d7c-8b6b-a4938271605f',
   '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed', '17c1c3d2-dddd-4d04-8d04-00000000dd04', 'Standing',
   '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0c', 1, 3000, 3000, '2026-01-10T12:00:00.000Z',
   '2026-01-10T12:00:00.000Z');

INSERT INTO tickets VALUES
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'a1f0c3d2-1111-4a11-8a11-0000000000a1',
   '9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00001',
   'SOLD', '7xKX/ab c', 1, 0, 'mintTx01', '2026-01-10T12:05:00.000Z', NULL, 0, NULL,
   '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a02', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'a1f0c3d2-1111-4a11-8a11-0000000000a1',
   '9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b', '17c1c3d2-bbbb-4b02-8b02-00000000bb02', 'TKT-00002',
   'SOLD', '9wFfT3tQpXmZk2', 1, 0, 'mintTx02', '2026-01-10T12:05:00.000Z', NULL, 0, NULL,
   '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a03', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'a1f0c3d2-1111-4a11-8a11-0000000000a1',
   '9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00003',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a04', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'b2f0c3d2-2222-4b22-8b22-0000000000b2',
   'a09f8e7d-6c5b-4a49-9382-71605f4e3d2c', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00004',
   'USED', NULL, 0, 0, NULL, NULL, '2026-01-11T20:10:00.000Z', 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a05', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'b2f0c3d2-2222-4b22-8b22-0000000000b2',
   'a09f8e7d-6c5b-4a49-9382-71605f4e3d2c', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00005',
   'TRANSFERRED', NULL, 0, 0, NULL, NULL, NULL, 1, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a06', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'b2f0c3d2-2222-4b22-8b22-0000000000b2',
   'a09f8e7d-6c5b-4a49-9382-71605f4e3d2c', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00006',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a07', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'a1f0c3d2-1111-4a11-8a11-0000000000a1',
   'c2b1a09f-8e7d-4c6b-9a5a-938271605f4e', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00007',
   'CANCELLED', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a08', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '6f5e4d3c-2b1a-4098-9e8d-7c6b5a493827', 'e5f0c3d2-5555-4e55-8e55-0000000000e5',
   'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d', '17c1c3d2-cccc-4c03-8c03-00000000cc03', 'TKT-00008',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a09', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'e5f0c3d2-5555-4e55-8e55-0000000000e5',
   'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00009',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0a', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'e5f0c3d2-5555-4e55-8e55-0000000000e5',
   'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00010',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0b', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', 'e5f0c3d2-5555-4e55-8e55-0000000000e5',
   'b1a09f8e-7d6c-4b5a-8493-8271605f4e3d', '17c1c3d2-aaaa-4a01-8a01-00000000aa01', 'TKT-00011',
   'SOLD', NULL, 0, 0, NULL, NULL, NULL, 0, NULL, '2026-01-10T12:01:00.000Z'),
  ('7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a0c', '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
   '70615e4d-3c2b-41a9-8f9e-8d7c6b5a4938', '0b70c3d2-7777-4a77-8a77-000000000a77',
   'd3c2b1a0-9f8e-4d7c-8b6b-a4938271605f', '17c1c3d2-dddd-4d04-8d04-00000000dd04', 'TKT-00012',
   'SOLD', '5otherTenantToken', 1, 0, 'mintTx12', '2026-01-10T12:05:00.000Z', NULL, 0, NULL,
   '2026-01-10T12:01:00.000Z');

INSERT INTO ticket_transfers VALUES
  ('7f1ac3d2-0001-4f01-8f01-00000000ff01', 'c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f',
   '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a05', 'a1f0c3d2-1111-4a11-8a11-0000000000a1',
   'b2f0c3d2-2222-4b22-8b22-0000000000b2', 'birthday', 'completed', 1768122000);

INSERT INTO attendance VALUES
  ('c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f', 'b2f0c3d2-2222-4b22-8b22-0000000000b2',
   '5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716', '7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a04',
   '2026-01-11T20:10:00.000Z');
